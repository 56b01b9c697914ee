//! Conditions on an offer `o` that several nouns ask about: pieces of statements, which know of no row.

/// Whether the one whom an offer `o` is for said no: a person, or whoever has its address.
macro_rules! declined {
    () => {
        "((o.to_person IS NOT NULL OR o.to_email IS NOT NULL)
            AND EXISTS (SELECT 1 FROM declines d WHERE d.offer_id = o.id))"
    };
}

/// An offer `o` that can still be answered at `$1`: the same as `offers::Offer::closed`.
macro_rules! open_offer {
    () => {
        concat!(
            "(o.withdrawn IS NULL AND o.uses_left > 0 AND o.lapses > $1 AND (o.ends IS NULL OR o.ends > $1) AND NOT ",
            declined!(),
            ")"
        )
    };
}

/// For whom an offer `o` is, where that is known: somebody by name, or the first who came with its address, which their
/// provider has verified.
macro_rules! whom {
    () => {
        "COALESCE(o.to_person, (SELECT i.person_id FROM identities i WHERE lower(i.email) = lower(o.to_email)
            ORDER BY i.id LIMIT 1))"
    };
}

pub(super) use {declined, open_offer, whom};
