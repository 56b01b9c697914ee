-- Whom machines are shared with is asked machine by machine. What was told is kept, so that a sync asks each only once
-- an hour: id of the invite, whether somebody opened it, and who. No link.
CREATE TABLE invites (
    node_id UUID PRIMARY KEY REFERENCES nodes (id) ON DELETE CASCADE,
    read BIGINT NOT NULL,
    list TEXT NOT NULL
);

-- How many machines a look that is going on has asked about, and how many there are.
ALTER TABLE tailnets ADD COLUMN look_done BIGINT;
ALTER TABLE tailnets ADD COLUMN look_of BIGINT;
