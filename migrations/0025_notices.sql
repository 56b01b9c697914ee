-- What waits for whom: worked out from what is stored whenever that changes, in the same transaction (`crates/notices`).
CREATE TABLE notices (
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- The share, offer, tailnet or machine that it is about.
    object_id UUID NOT NULL,
    -- Which part of it, where there are several.
    part TEXT NOT NULL,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- 1 for what others can make much of: it comes after everything else.
    rank BIGINT NOT NULL,
    since BIGINT NOT NULL,
    -- It counts from the one until the other.
    opens BIGINT NOT NULL,
    closes BIGINT,
    -- JSON: what its words need.
    data TEXT NOT NULL,
    PRIMARY KEY (person_id, kind, object_id, part)
);
CREATE INDEX notices_in_order ON notices (person_id, rank, since);
CREATE INDEX notices_of_object ON notices (object_id, kind);
CREATE INDEX notices_of_tailnet ON notices (tailnet_id);
