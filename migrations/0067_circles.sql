-- Circles: named groups of people of one person, who alone sees them.
CREATE TABLE circles (
    id UUID PRIMARY KEY,
    owner_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX circles_of_owner ON circles (owner_id);
CREATE TABLE circle_people (
    circle_id UUID NOT NULL REFERENCES circles (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (circle_id, person_id)
);
CREATE INDEX circle_people_of_person ON circle_people (person_id);
-- To whom else a service is shown whose audience is 'people'.
CREATE TABLE circle_audience (
    service_id UUID NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    circle_id UUID NOT NULL REFERENCES circles (id) ON DELETE CASCADE,
    PRIMARY KEY (service_id, circle_id)
);
CREATE INDEX circle_audience_of_circle ON circle_audience (circle_id);
-- What its owner approved beforehand: people of the circle get services of this kind without being asked for.
CREATE TABLE beforehand (
    circle_id UUID NOT NULL REFERENCES circles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    -- How long such a share may last at most.
    days BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (circle_id, kind)
);
-- The circle as one of which somebody was offered it, and for no other reason.
ALTER TABLE offers ADD COLUMN circle_id UUID REFERENCES circles (id) ON DELETE SET NULL;
CREATE INDEX offers_of_circle ON offers (circle_id);
