-- Somebody waits for a new machine to appear in a tailnet.
CREATE TABLE joinings (
    id UUID PRIMARY KEY,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    system TEXT NOT NULL,
    -- JSON: what was chosen for the text that brings the machine in.
    choices TEXT NOT NULL,
    -- The control plane's id of the auth key, never the key itself. Absent: made by hand in its console.
    key_id TEXT,
    description TEXT NOT NULL,
    -- JSON list: control ids of the machines that were there before.
    known TEXT NOT NULL,
    created BIGINT NOT NULL,
    -- The end of the key, and of the waiting.
    ends BIGINT NOT NULL,
    -- 'waiting', 'arrived', 'cancelled' or 'lapsed'
    state TEXT NOT NULL,
    looked BIGINT,
    -- Why the last look failed, in words; absent when it did not.
    trouble TEXT,
    -- JSON list of ids: the machines that appeared.
    arrived TEXT NOT NULL
);
CREATE INDEX joinings_of_tailnet ON joinings (tailnet_id, state);

-- Whether a service answers: what the last probe of it found.
CREATE TABLE probes (
    service_id UUID PRIMARY KEY REFERENCES services (id) ON DELETE CASCADE,
    answered BOOLEAN NOT NULL,
    at BIGINT NOT NULL,
    -- Since when it is so.
    since BIGINT NOT NULL,
    -- JSON: what it told, already made safe to show.
    told TEXT NOT NULL
);
