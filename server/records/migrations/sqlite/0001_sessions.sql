-- Times are milliseconds since 1970. Nothing here can be used as a cookie: ids are stored as SHA-256 only.
CREATE TABLE sessions (
    id BLOB PRIMARY KEY NOT NULL,
    owner TEXT,
    provider_session TEXT,
    data TEXT NOT NULL,
    idle_until INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_owner ON sessions (owner);
CREATE INDEX sessions_provider_session ON sessions (provider_session);
CREATE INDEX sessions_idle_until ON sessions (idle_until);

-- Keys that the portal makes for itself, once, and that every replica shares.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Sign-out messages of the provider that were already acted on: each counts once.
CREATE TABLE seen (
    id BLOB PRIMARY KEY NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
