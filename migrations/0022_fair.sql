-- Whose tailnet a job is about: of one owner one job is worked on at a time, so that a control plane that answers
-- slowly holds up nobody else's.
ALTER TABLE jobs ADD COLUMN owner_id UUID;
UPDATE jobs SET owner_id = (SELECT owner_id FROM tailnets t WHERE t.id = CASE jobs.kind
    WHEN 'sync' THEN jobs.subject
    WHEN 'share' THEN (SELECT tailnet_id FROM shares WHERE id = jobs.subject)
    WHEN 'edit' THEN (SELECT tailnet_id FROM edits WHERE id = jobs.subject)
    WHEN 'joining' THEN (SELECT tailnet_id FROM joinings WHERE id = jobs.subject) END);
CREATE INDEX jobs_of_owner ON jobs (owner_id, locked_until);
-- How many an offer is for, whoever has accepted it by now.
ALTER TABLE offers ADD COLUMN uses BIGINT NOT NULL DEFAULT 1;
UPDATE offers SET uses = uses_left + (SELECT COUNT(*) FROM shares s WHERE s.offer_id = offers.id);
