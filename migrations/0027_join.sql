-- The port that people join and that is asked, such as `tcp:25565`: the one that was typed first. Absent: listed before
-- that was kept.
ALTER TABLE services ADD COLUMN join_port TEXT;
