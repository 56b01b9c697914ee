-- In which time zone somebody reads, by its name in the IANA database: the one that they chose, and the one that a browser of
-- theirs told last, for what is told outside of the app.
ALTER TABLE people ADD COLUMN zone TEXT;
ALTER TABLE people ADD COLUMN zone_told TEXT;
