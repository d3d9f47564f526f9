-- Times here and in what follows are seconds since 1970.

-- Who has signed in, as the provider described them last. A token is never more than its person was then.
CREATE TABLE people (
    owner TEXT PRIMARY KEY NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    username TEXT NOT NULL,
    name TEXT NOT NULL,
    admin INTEGER NOT NULL,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Nothing here can be used as a token: they are stored as SHA-256 only.
CREATE TABLE tokens (
    id TEXT PRIMARY KEY NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    owner TEXT NOT NULL REFERENCES people (owner),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX tokens_owner ON tokens (owner);
CREATE INDEX tokens_expires_at ON tokens (expires_at);
