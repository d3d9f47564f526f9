-- Times here and in what follows are seconds since 1970.

-- Who has signed in, as the provider described them last. A token is never more than its person was then.
CREATE TABLE people (
    owner TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    username TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    admin BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

-- Nothing here can be used as a token: they are stored as SHA-256 only.
CREATE TABLE tokens (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    owner TEXT COLLATE "C" NOT NULL REFERENCES people (owner),
    name TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX tokens_owner ON tokens (owner);
CREATE INDEX tokens_expires_at ON tokens (expires_at);
