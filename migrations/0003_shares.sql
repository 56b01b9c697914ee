CREATE TABLE services (
    id UUID PRIMARY KEY,
    node_id UUID NOT NULL REFERENCES nodes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    ports TEXT NOT NULL,
    about TEXT NOT NULL,
    -- 'nobody', 'everybody' or 'people' (then audience has them)
    audience TEXT NOT NULL,
    created BIGINT NOT NULL,
    removed BIGINT
);
CREATE INDEX services_of_node ON services (node_id);

CREATE TABLE audience (
    service_id UUID NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (service_id, person_id)
);
CREATE INDEX audience_of_person ON audience (person_id);

CREATE TABLE offers (
    id UUID PRIMARY KEY,
    service_id UUID NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    made_by UUID NOT NULL REFERENCES people (id),
    -- Both absent: whoever has the link.
    to_person UUID REFERENCES people (id) ON DELETE CASCADE,
    to_email TEXT,
    token_hash TEXT NOT NULL UNIQUE,
    -- The end of the share; absent: until ended.
    ends BIGINT,
    note TEXT NOT NULL,
    uses_left BIGINT NOT NULL,
    created BIGINT NOT NULL,
    -- The end of the offer.
    lapses BIGINT NOT NULL,
    withdrawn BIGINT
);
CREATE INDEX offers_of_service ON offers (service_id);

CREATE TABLE declines (
    offer_id UUID NOT NULL REFERENCES offers (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    PRIMARY KEY (offer_id, person_id)
);

CREATE TABLE shares (
    id UUID PRIMARY KEY,
    offer_id UUID NOT NULL REFERENCES offers (id),
    service_id UUID NOT NULL REFERENCES services (id),
    node_id UUID NOT NULL REFERENCES nodes (id),
    tailnet_id UUID NOT NULL REFERENCES tailnets (id),
    owner_id UUID NOT NULL REFERENCES people (id),
    friend_id UUID NOT NULL REFERENCES people (id),
    -- The friend's login that the rule names.
    login TEXT NOT NULL,
    -- As they were when the offer was accepted: a later change of the service does not widen a share.
    ports TEXT NOT NULL,
    ends BIGINT,
    -- The state's name, for looking it up, and the state with its own data as JSON.
    state TEXT NOT NULL,
    state_data TEXT NOT NULL,
    -- JSON: what was done to the control plane, to find it again and to take it back.
    deeds TEXT NOT NULL,
    invite_url_sealed TEXT,
    accepted BIGINT NOT NULL,
    seen_in_force BIGINT,
    ended BIGINT,
    -- Counts up with every change; a writer who read an older one does not win.
    version BIGINT NOT NULL,
    UNIQUE (offer_id, friend_id)
);
CREATE INDEX shares_of_owner ON shares (owner_id);
CREATE INDEX shares_of_friend ON shares (friend_id);
CREATE INDEX shares_of_node ON shares (node_id);
CREATE INDEX shares_of_tailnet ON shares (tailnet_id);
CREATE INDEX shares_by_end ON shares (ends);

-- What applying and ending did, step by step, as its page shows it.
CREATE TABLE steps (
    share_id UUID NOT NULL REFERENCES shares (id) ON DELETE CASCADE,
    -- 'apply' or 'end'
    phase TEXT NOT NULL,
    step TEXT NOT NULL,
    at BIGINT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (share_id, phase, step)
);

CREATE TABLE audit (
    id UUID PRIMARY KEY,
    at BIGINT NOT NULL,
    -- Absent: done by a job.
    actor_id UUID,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id UUID,
    object TEXT NOT NULL,
    before_text TEXT,
    after_text TEXT,
    -- Who may read it besides the actor: the owner and stewards of the tailnet, and the friend of a share.
    tailnet_id UUID,
    owner_id UUID,
    friend_id UUID
);
CREATE INDEX audit_of_object ON audit (object_id, id);
CREATE INDEX audit_of_owner ON audit (owner_id, id);
CREATE INDEX audit_of_friend ON audit (friend_id, id);
CREATE INDEX audit_of_actor ON audit (actor_id, id);
