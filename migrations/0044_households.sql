-- Which accounts of a Headscale live together, as its owner said: those of one number. Who is not here lives alone.
CREATE TABLE households (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    -- The server's id of the account: it stays when the account is called otherwise.
    account_id TEXT NOT NULL,
    home BIGINT NOT NULL,
    PRIMARY KEY (tailnet_id, account_id)
);

-- The server's id of the account that a machine belongs to: nothing where it has tags, and on Tailscale.
ALTER TABLE nodes ADD COLUMN account_id TEXT;
-- The account to which its owner gave a machine with tags, which belongs to nobody on the server.
ALTER TABLE nodes ADD COLUMN given_to TEXT;
