-- Which account of a Headscale a person is, as its owner said once.
CREATE TABLE members (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- The server's id of the account: it stays when the account is called otherwise.
    account_id TEXT NOT NULL,
    chosen BIGINT NOT NULL,
    PRIMARY KEY (tailnet_id, person_id)
);
