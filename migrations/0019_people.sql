-- Whether somebody may come in: 'here', 'blocked', 'removing' (what is open still ends) or 'removed'.
ALTER TABLE people ADD COLUMN standing TEXT NOT NULL DEFAULT 'here';
ALTER TABLE people ADD COLUMN standing_since BIGINT;

-- Whom one has met is looked up from the offers too.
CREATE INDEX offers_by_addressee ON offers (to_person);
CREATE INDEX declines_of_person ON declines (person_id);
CREATE INDEX stewards_of_person ON stewards (person_id);
