-- What stands at a control plane without a share here, as of the last look.
CREATE TABLE strays (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- 'invite', 'recipient' or 'rule'
    kind TEXT NOT NULL,
    -- What names it there: the invite's id, the login, the id in the mark.
    name TEXT NOT NULL,
    -- The machine of an invite.
    node_id UUID REFERENCES nodes (id) ON DELETE CASCADE,
    -- Who opened the invite, or is listed.
    login TEXT,
    -- The text of a rule.
    rule TEXT,
    found BIGINT NOT NULL,
    -- Somebody said that it may stay.
    kept BIGINT,
    kept_by TEXT,
    UNIQUE (tailnet_id, kind, name)
);

-- The last look for them, and why it found out nothing.
ALTER TABLE tailnets ADD COLUMN looked BIGINT;
ALTER TABLE tailnets ADD COLUMN look_failed TEXT;
