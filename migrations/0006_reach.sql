-- What the control plane of a tailnet said when it was last read whole: what questions about reach are answered from.
CREATE TABLE snapshots (
    tailnet_id UUID PRIMARY KEY REFERENCES tailnets (id) ON DELETE CASCADE,
    -- Byte for byte, with its mark; absent where it may not be read.
    policy TEXT,
    etag TEXT,
    -- Why it may not be read, in words.
    policy_missing TEXT,
    -- JSON, the network file of the command line: users, machines, and who each is shared with.
    network TEXT NOT NULL,
    -- Why it is not known with whom machines are shared, in words.
    sharing_missing TEXT,
    -- A hash of all of it: as long as it is the same, so are all answers.
    revision TEXT NOT NULL,
    read BIGINT NOT NULL,
    -- Since then it could not be read again, and why.
    trouble_at BIGINT,
    trouble TEXT
);

-- Edits of a policy that are no share: narrowing, fixes, and taking these back.
CREATE TABLE edits (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- What it does, as in addresses: 'narrow', 'lint:…', 'take-out:…', 'undo:…'
    what TEXT NOT NULL,
    -- The same in words.
    title TEXT NOT NULL,
    by_id UUID,
    by_name TEXT NOT NULL,
    -- The share that it was needed for.
    share_id UUID,
    -- The edit that it takes back.
    undoes UUID,
    before_text TEXT NOT NULL,
    after_text TEXT NOT NULL,
    -- JSON, in people: who gains and who loses reach.
    gained TEXT NOT NULL,
    lost TEXT NOT NULL,
    -- 'applying', 'applied' or 'stopped'
    state TEXT NOT NULL,
    -- Why it stopped or waits, in words.
    trouble TEXT,
    begun BIGINT NOT NULL,
    applied BIGINT
);
CREATE INDEX edits_of_tailnet ON edits (tailnet_id, id);
CREATE INDEX edits_of_share ON edits (share_id);
