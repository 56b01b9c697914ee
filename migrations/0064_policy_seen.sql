-- Which text of a policy the audit trail accounts for, and which one is about to be written from here. Any other text that
-- is read was put there elsewhere, and gets an entry of its own.
CREATE TABLE policies_seen (
    tailnet_id UUID PRIMARY KEY REFERENCES tailnets (id) ON DELETE CASCADE,
    -- Hashes of texts. Absent: nothing was read yet; nothing is being written.
    accounted TEXT,
    writing TEXT
);
