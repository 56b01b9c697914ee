-- What each look at a tailnet found, over time: one row for each that differs from the one before it, with the first and the
-- last look that found it so. Where nobody looked for long a new row begins, also if nothing had changed.
CREATE TABLE looks (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    -- As in snapshots.
    revision TEXT NOT NULL,
    -- Names of texts; absent where the policy could not be read.
    policy TEXT,
    policy_missing TEXT,
    network TEXT NOT NULL,
    sharing_missing TEXT
);
CREATE INDEX looks_in_order ON looks (tailnet_id, first);
CREATE INDEX looks_by_last ON looks (tailnet_id, last);

-- Texts that looks found, each once, by a hash of what they are.
CREATE TABLE look_texts (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- Compressed, in base64.
    packed TEXT NOT NULL,
    -- How long `packed` is, and when it was stored.
    size BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    PRIMARY KEY (tailnet_id, name)
);
