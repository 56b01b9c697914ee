-- Who came in with the link of an offer. Until they answer it, they hold one of its places.
CREATE TABLE arrivals (
    person_id UUID PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    offer_id UUID NOT NULL REFERENCES offers (id) ON DELETE CASCADE,
    -- Of the link that was used: a new link for the offer starts with all places free.
    token_hash TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX arrivals_of_offer ON arrivals (offer_id);
