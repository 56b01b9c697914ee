-- Until when a finding counts. Whoever asks says so; who does not ask takes nothing away before.
ALTER TABLE probes ADD COLUMN until BIGINT NOT NULL DEFAULT 0;
