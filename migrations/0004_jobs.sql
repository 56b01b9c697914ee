CREATE TABLE jobs (
    id UUID PRIMARY KEY,
    kind TEXT NOT NULL,
    -- The id of what it is about. One open job of a kind for a subject.
    subject UUID NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    locked_until BIGINT,
    last_error TEXT,
    created BIGINT NOT NULL
);
CREATE INDEX jobs_by_time ON jobs (run_at);
CREATE UNIQUE INDEX jobs_by_subject ON jobs (kind, subject);

-- One at a time, over all processes: a device while it is invited to, a tailnet while it is synced.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder UUID NOT NULL,
    until BIGINT NOT NULL
);
