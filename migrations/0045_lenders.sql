-- Who asked to lend their own machines on a server that somebody else has connected, and since when their answer is waited for.
CREATE TABLE asks (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    asked BIGINT NOT NULL,
    PRIMARY KEY (tailnet_id, person_id)
);

-- Of a Headscale: whether each plan for a machine of somebody else waits for those who look after the server.
ALTER TABLE tailnets ADD COLUMN owner_reviews BOOLEAN NOT NULL DEFAULT TRUE;
