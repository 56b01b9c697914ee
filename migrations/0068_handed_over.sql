-- Who handed a tailnet over to its owner, and when: its owner is told of it for a while.
ALTER TABLE tailnets ADD COLUMN handed_by UUID REFERENCES people (id) ON DELETE SET NULL;
ALTER TABLE tailnets ADD COLUMN handed BIGINT;
