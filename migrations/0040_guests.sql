-- Friends who have no account on a Headscale yet, and how they come into it: as its owner chose.
CREATE TABLE guests (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    way TEXT NOT NULL,
    -- What the user that is made for them is called; empty where they sign in themselves.
    name TEXT NOT NULL,
    -- Whether their machine goes by itself when it disconnects.
    ephemeral BOOLEAN NOT NULL,
    chosen BIGINT NOT NULL,
    -- JSON: ids of the accounts that were there before: when the user was asked for, or signing in was chosen.
    known TEXT,
    -- The server's id of the user that was made for them. Only such a one is ever deleted.
    account_id TEXT,
    PRIMARY KEY (tailnet_id, person_id)
);

-- Keys that friends come in with: each is written down before it is asked for, since its answer may be lost.
CREATE TABLE guest_keys (
    id UUID PRIMARY KEY,
    share_id UUID NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    account_id TEXT NOT NULL,
    -- JSON: ids of the keys of that account that were good before.
    known TEXT NOT NULL,
    asked BIGINT NOT NULL,
    -- At the latest.
    ends BIGINT NOT NULL,
    -- The server's id of the key; absent while nobody knows whether it was made.
    key_id TEXT
);
CREATE INDEX guest_keys_of_share ON guest_keys (share_id);
