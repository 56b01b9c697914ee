-- What happened to a share as a code, and what it is told with as JSON, beside the sentence that was made of them. Entries from
-- before, and those about something else, have neither.
ALTER TABLE audit ADD COLUMN code TEXT;
ALTER TABLE audit ADD COLUMN parameters TEXT;
