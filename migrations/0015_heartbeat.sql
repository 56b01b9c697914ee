-- One row that is written again and again, to learn whether the database takes writes.
CREATE TABLE heartbeat (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL
);

-- Who holds the lock of a job: that process lets go of what it could not finish, without waiting for the end of the lock.
ALTER TABLE jobs ADD COLUMN locked_by UUID;
