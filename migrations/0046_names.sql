-- Of a Headscale: since when its policy names somebody by a name that several accounts have, and which (JSON).
ALTER TABLE tailnets ADD COLUMN names_clashed BIGINT;
ALTER TABLE tailnets ADD COLUMN names_clash TEXT;
