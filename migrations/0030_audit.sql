-- Which machine, service and share an entry is about, whatever its object is: what the trail is filtered by. Written with the
-- entry (store/audit/writing.rs), because a tailnet takes its machines with it when it goes, and the trail stays.
ALTER TABLE audit ADD COLUMN node_id UUID;
ALTER TABLE audit ADD COLUMN service_id UUID;
ALTER TABLE audit ADD COLUMN share_id UUID;
-- JSON: the difference of the policy line by line, who gained and who lost reach; bounded.
ALTER TABLE audit ADD COLUMN policy_change TEXT;
UPDATE audit SET
    node_id = CASE object_kind
        WHEN 'node' THEN object_id
        WHEN 'service' THEN (SELECT s.node_id FROM services s WHERE s.id = audit.object_id)
        WHEN 'offer' THEN (SELECT s.node_id FROM offers o JOIN services s ON s.id = o.service_id WHERE o.id = audit.object_id)
        WHEN 'share' THEN (SELECT h.node_id FROM shares h WHERE h.id = audit.object_id)
        WHEN 'stray' THEN (SELECT u.node_id FROM strays u WHERE u.id = audit.object_id) END,
    service_id = CASE object_kind
        WHEN 'service' THEN object_id
        WHEN 'offer' THEN (SELECT o.service_id FROM offers o WHERE o.id = audit.object_id)
        WHEN 'share' THEN (SELECT h.service_id FROM shares h WHERE h.id = audit.object_id) END,
    share_id = CASE object_kind
        WHEN 'share' THEN object_id
        WHEN 'edit' THEN (SELECT e.share_id FROM edits e WHERE e.id = audit.object_id) END;
CREATE INDEX audit_of_node ON audit (node_id, id);
CREATE INDEX audit_of_service ON audit (service_id, id);
CREATE INDEX audit_of_share ON audit (share_id, id);
CREATE INDEX audit_by_kind ON audit (object_kind, id);
CREATE INDEX audit_by_time ON audit (at, id);

-- Who reads reach, policy and audit of a tailnet, and changes nothing. A table of its own: whatever asks for stewards cannot
-- take an auditor for one.
CREATE TABLE auditors (
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (tailnet_id, person_id)
);
CREATE INDEX auditors_of_person ON auditors (person_id);
