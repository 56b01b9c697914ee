-- The ports that a share is to have from the next review on, such as `tcp:25570`; it keeps those in `ports` until a plan
-- with these is applied. Absent: there is nothing to change.
ALTER TABLE shares ADD COLUMN ports_asked TEXT;
