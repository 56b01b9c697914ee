-- The configuration of its machine gave it other ports, or another kind, where its kind was approved beforehand, and nobody looked at
-- that yet: until somebody does, what was approved does not apply to it.
ALTER TABLE services ADD COLUMN ports_changed BOOLEAN NOT NULL DEFAULT FALSE;
