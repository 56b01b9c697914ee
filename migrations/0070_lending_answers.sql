-- What whoever asked to lend their own machines on somebody else's server was answered, for as long as it is told.
CREATE TABLE lending_answers (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    accepted BOOLEAN NOT NULL,
    answered BIGINT NOT NULL,
    PRIMARY KEY (tailnet_id, person_id)
);
CREATE INDEX lending_answers_of_person ON lending_answers (person_id);
