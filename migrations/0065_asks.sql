-- Somebody asks the owner of a listed service for an offer of it: of one person and one service the newest. (The table `asks` is of
-- whoever asks to lend machines.)
CREATE TABLE service_asks (
    id UUID PRIMARY KEY,
    service_id UUID NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    note TEXT NOT NULL,
    -- The wished end, as a form says it; with 'date' also when that is.
    until TEXT NOT NULL,
    ends BIGINT,
    asked BIGINT NOT NULL,
    -- Until when it waits, if nobody answers.
    lapses BIGINT NOT NULL,
    -- When somebody who gives it last said "later".
    later BIGINT,
    -- Absent: it waits, until it lapses.
    answer TEXT,
    answered BIGINT,
    answered_by UUID REFERENCES people (id),
    -- What was said with a no.
    word TEXT NOT NULL,
    UNIQUE (service_id, person_id)
);
CREATE INDEX service_asks_of_person ON service_asks (person_id);
