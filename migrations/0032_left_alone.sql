-- Nobody asks whether it answers: a server that sleeps while nobody plays is woken by each question.
ALTER TABLE services ADD COLUMN left_alone BOOLEAN NOT NULL DEFAULT FALSE;
