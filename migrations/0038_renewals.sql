-- An API key that is being replaced (`control_plane::renewal`): each thing is written down before it is done.
CREATE TABLE renewals (
    tailnet_id UUID PRIMARY KEY REFERENCES tailnets (id) ON DELETE CASCADE,
    begun BIGINT NOT NULL,
    -- The key that was in use when it began.
    old_sealed TEXT NOT NULL,
    -- JSON: the ids of all keys before the new one was asked for.
    known TEXT,
    -- When the new one is to end.
    ends BIGINT,
    -- The new one, as soon as its answer came.
    made_sealed TEXT,
    -- The new one was tried and is the one in use.
    in_use BOOLEAN NOT NULL
);
