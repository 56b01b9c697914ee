CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE people (
    id UUID PRIMARY KEY,
    name TEXT NOT NULL,
    instance_owner BOOLEAN NOT NULL,
    -- One of the seeded people of the demo: signed in as without a provider, and only there.
    demo_about TEXT,
    created BIGINT NOT NULL
);

CREATE TABLE identities (
    id UUID PRIMARY KEY,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    provider TEXT NOT NULL,
    -- The provider's own name for the person: stable, unlike e-mail addresses.
    subject TEXT NOT NULL,
    -- As the provider calls them, for reading only.
    label TEXT NOT NULL,
    -- An e-mail address that the provider has verified: fills in forms, opens offers to an address.
    email TEXT,
    linked BIGINT NOT NULL,
    UNIQUE (provider, subject)
);
CREATE INDEX identities_of_person ON identities (person_id);

CREATE TABLE sessions (
    id_hash TEXT PRIMARY KEY,
    -- Names the session in the list of its owner.
    handle TEXT NOT NULL UNIQUE,
    person_id UUID REFERENCES people (id) ON DELETE CASCADE,
    data_sealed TEXT NOT NULL,
    agent TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_of_person ON sessions (person_id);
CREATE INDEX sessions_by_expiry ON sessions (expires);
