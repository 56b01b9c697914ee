-- What the friend of a share asks for: another end (JSON), until those who give it have answered.
ALTER TABLE shares ADD COLUMN longer TEXT;
