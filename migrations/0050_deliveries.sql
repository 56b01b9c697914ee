-- What is to be told to somebody outside of the app: written in the transaction of whatever it tells of, sent by a job.
CREATE TABLE deliveries (
    -- The same for the same news, whoever writes it down and however often; receivers tell by it what they have already.
    id UUID NOT NULL,
    -- 'mail', 'ntfy' or 'webhook'.
    channel TEXT NOT NULL,
    -- Who is told; of an offer's link, who made the offer.
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    heard_as TEXT NOT NULL,
    -- The notice that it comes from, as far as there is one.
    notice TEXT NOT NULL,
    object_id UUID NOT NULL,
    part TEXT NOT NULL,
    -- JSON: what its words need.
    data TEXT NOT NULL,
    -- The address of an offer, and the secret of its link: erased when it is sent or given up.
    to_address TEXT,
    secret_sealed TEXT,
    -- Not told before; until then it goes with its notice.
    due BIGINT NOT NULL,
    -- Tried again then.
    again BIGINT,
    tries BIGINT NOT NULL,
    -- When it was sent or given up.
    settled BIGINT,
    -- Given up: what was answered.
    why TEXT,
    PRIMARY KEY (id, channel)
);
CREATE INDEX deliveries_by_time ON deliveries (settled, due);
CREATE INDEX deliveries_of_object ON deliveries (object_id);
CREATE INDEX deliveries_of_person ON deliveries (person_id, channel);
CREATE INDEX deliveries_of_tailnet ON deliveries (tailnet_id);

-- Ways to reach somebody that they set up. The address that a provider has verified needs no row.
CREATE TABLE channels (
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    -- JSON: server and topic, or address and secret.
    target_sealed TEXT NOT NULL,
    chosen BIGINT NOT NULL,
    PRIMARY KEY (person_id, channel)
);

-- What somebody wants to hear, or not, by which way; without a row it is as `notices::heard` says.
CREATE TABLE heard_choices (
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    heard_as TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    wanted BOOLEAN NOT NULL,
    PRIMARY KEY (person_id, heard_as, kind, channel)
);

-- Addresses to which nobody sends the link of an offer any more, because whoever reads there said so.
CREATE TABLE unwritten_addresses (
    address_hash TEXT PRIMARY KEY,
    asked BIGINT NOT NULL
);
