-- What is told once for a whole tailnet, since when and why (JSON, as `model::Trouble`): its control plane cannot be
-- asked, its policy cannot be read.
ALTER TABLE tailnets ADD COLUMN away BIGINT;
ALTER TABLE tailnets ADD COLUMN away_why TEXT;
ALTER TABLE tailnets ADD COLUMN policy_unread BIGINT;
ALTER TABLE tailnets ADD COLUMN policy_why TEXT;

-- News that somebody put aside: the notice that began then, and no later one of its kind.
CREATE TABLE dismissals (
    person_id UUID NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    object_id UUID NOT NULL,
    part TEXT NOT NULL,
    tailnet_id UUID NOT NULL REFERENCES tailnets (id) ON DELETE CASCADE,
    since BIGINT NOT NULL,
    PRIMARY KEY (person_id, kind, object_id, part)
);
CREATE INDEX dismissals_of_object ON dismissals (object_id);
CREATE INDEX dismissals_of_tailnet ON dismissals (tailnet_id);
