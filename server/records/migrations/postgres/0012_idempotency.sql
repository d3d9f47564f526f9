-- What was made under which Idempotency-Key, so that a repetition makes nothing. Keys and bodies as SHA-256.
CREATE TABLE idempotency (
    owner TEXT COLLATE "C" NOT NULL,
    key BYTEA NOT NULL,
    body BYTEA NOT NULL,
    -- The id of what was made; nothing while it is being made, or when nobody knows.
    made TEXT COLLATE "C",
    -- While somebody is making it, nobody else does.
    busy_until BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (owner, key)
);
