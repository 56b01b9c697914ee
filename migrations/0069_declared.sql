-- To whom the configuration of its machine shows a service that it lists: 'chosen' (it does not say), 'nobody' or 'everybody'.
-- Without it a service was listed by hand.
ALTER TABLE services ADD COLUMN declared TEXT;
-- Whether the token of a host may also list what runs there.
ALTER TABLE hosts ADD COLUMN lists BOOLEAN NOT NULL DEFAULT FALSE;
