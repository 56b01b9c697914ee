-- What is known of a machine's host: how it fetches its firewall text, and what is in place there.
CREATE TABLE hosts (
    node_id UUID PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
    -- Of the read-only token with which it fetches; absent: it may not.
    token_hash TEXT,
    token_made BIGINT,
    -- When it last asked, and which revision it then had in force, as it said.
    fetched BIGINT,
    fetched_revision BIGINT,
    -- The revision that was last seen in force there, in pasted rules, and whether nothing was missing or altered.
    seen BIGINT,
    seen_revision BIGINT,
    seen_whole BOOLEAN
);

-- Addresses of friends' devices, as the machine itself saw them.
CREATE TABLE friend_addresses (
    node_id UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    login TEXT NOT NULL,
    -- JSON list of text.
    addresses TEXT NOT NULL,
    read BIGINT NOT NULL,
    PRIMARY KEY (node_id, login)
);
