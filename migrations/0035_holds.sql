-- Whether the guard on a host holds anything, as the host told when it fetched, and as pasted rules showed; and how many
-- packets had come in through the tailnet when a guard that was pasted had seen none of them.
ALTER TABLE hosts ADD COLUMN fetched_hold TEXT;
ALTER TABLE hosts ADD COLUMN seen_hold TEXT;
ALTER TABLE hosts ADD COLUMN seen_received BIGINT;

-- Since when no text can be made for it, and why.
ALTER TABLE hosts ADD COLUMN text_refused BIGINT;
ALTER TABLE hosts ADD COLUMN text_why TEXT;
