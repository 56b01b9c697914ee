-- What somebody with an open share reaches in a tailnet beyond what was agreed: worked out with each snapshot.
CREATE TABLE exposures (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- In lower case.
    login TEXT NOT NULL,
    -- The share on whose page it is told: the oldest open one of this login.
    share_id UUID NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    -- JSON: what is open, by which rules, since when.
    found TEXT NOT NULL,
    -- JSON: why there is no edit that ends it; absent if there is one.
    no_fix TEXT,
    -- JSON: what the owner accepted as it is, and still is so.
    accepted TEXT NOT NULL,
    accepted_by TEXT,
    accepted_at BIGINT,
    UNIQUE (tailnet_id, login)
);
CREATE INDEX exposures_of_share ON exposures (share_id);
