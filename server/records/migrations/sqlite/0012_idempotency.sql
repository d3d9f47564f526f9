-- What was made under which Idempotency-Key, so that a repetition makes nothing. Keys and bodies as SHA-256.
CREATE TABLE idempotency (
    owner TEXT NOT NULL,
    key BLOB NOT NULL,
    body BLOB NOT NULL,
    -- The id of what was made; nothing while it is being made, or when nobody knows.
    made TEXT,
    -- While somebody is making it, nobody else does.
    busy_until INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
