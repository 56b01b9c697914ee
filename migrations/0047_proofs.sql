-- What the machine of a share told of the filter that its own client holds: 'all' of the ports are let in, 'some' or 'none';
-- since when it has told the same, and when it told so last.
CREATE TABLE proofs (
    share_id UUID PRIMARY KEY REFERENCES shares (id) ON DELETE CASCADE,
    held TEXT NOT NULL,
    since BIGINT NOT NULL,
    told BIGINT NOT NULL
);
