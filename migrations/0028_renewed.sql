-- Since the whole was read, the policy and the invites of some machines were read once more, because a share or an edit
-- changed them.
ALTER TABLE snapshots ADD COLUMN renewed BIGINT;
