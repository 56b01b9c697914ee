-- A link that adds a way to sign in to an account that is there: good once, until its end. One per person.
CREATE TABLE person_links (
    person_id UUID PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL UNIQUE,
    made BIGINT NOT NULL,
    ends BIGINT NOT NULL
);

-- Who made the token of a host: when they lose their stewardship, it is looked at.
ALTER TABLE hosts ADD COLUMN token_by UUID REFERENCES people (id) ON DELETE SET NULL;
UPDATE hosts SET token_by = (
    SELECT a.actor_id FROM audit a JOIN people p ON p.id = a.actor_id
    WHERE a.object_id = hosts.node_id AND a.what LIKE 'made a token with which %' ORDER BY a.id DESC LIMIT 1
) WHERE token_hash IS NOT NULL;
