-- Every firewall text that a machine's host was given, as what it was made of: the same input gives the same bytes.
CREATE TABLE revisions (
    node_id UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    -- Counts from 1; the newest is nodes.firewall_revision.
    revision BIGINT NOT NULL,
    made BIGINT NOT NULL,
    -- The kind of host it was made for; absent: none was chosen yet.
    backend TEXT,
    -- JSON, as `acequia firewall render --input` reads it.
    input TEXT NOT NULL,
    PRIMARY KEY (node_id, revision)
);
