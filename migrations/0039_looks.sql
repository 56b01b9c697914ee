-- What a name looks like (UTS 39: its skeleton, with its letters as they are and with small ones), so that whoever has no
-- namesake is not looked for among all whom the viewer has met. Worked out at the next start for those who are here.
ALTER TABLE people ADD COLUMN look TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN small_look TEXT NOT NULL DEFAULT '';
CREATE INDEX people_by_look ON people (look);
CREATE INDEX people_by_small_look ON people (small_look);

-- Nobody ever read it: why a job failed is told by what it is about, and by the log.
ALTER TABLE jobs DROP COLUMN last_error;
