-- Whether the token of a host may also tell which devices friends have.
ALTER TABLE hosts ADD COLUMN tells BOOLEAN NOT NULL DEFAULT FALSE;
