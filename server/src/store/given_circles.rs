//! A condition on a circle `c` that several nouns ask about: a piece of statements, which knows of no row.

/// Whether the circle `c` is of somebody who gives services of the machine `n` in tailnet `t`: of anybody else it shows nothing
/// any more.
macro_rules! givers_circle {
    () => {
        "(c.owner_id = t.owner_id
            OR EXISTS (SELECT 1 FROM stewards cw WHERE cw.tailnet_id = t.id AND cw.person_id = c.owner_id)
            OR EXISTS (SELECT 1 FROM members cg WHERE cg.tailnet_id = t.id AND cg.person_id = c.owner_id
                AND cg.account_id = COALESCE(n.account_id, n.given_to)))"
    };
}

pub(super) use givers_circle;
