-- Text compares and sorts by its bytes (COLLATE "C"), and case is that of ASCII: as in SQLite, whatever the database was made with.
-- Times are milliseconds since 1970. Nothing here can be used as a cookie: ids are stored as SHA-256 only.
CREATE TABLE sessions (
    id BYTEA PRIMARY KEY NOT NULL,
    owner TEXT COLLATE "C",
    provider_session TEXT COLLATE "C",
    data TEXT COLLATE "C" NOT NULL,
    idle_until BIGINT NOT NULL,
    ends_at BIGINT NOT NULL
);

CREATE INDEX sessions_owner ON sessions (owner);
CREATE INDEX sessions_provider_session ON sessions (provider_session);
CREATE INDEX sessions_idle_until ON sessions (idle_until);

-- Keys that the portal makes for itself, once, and that every replica shares.
CREATE TABLE secrets (
    name TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    value BYTEA NOT NULL
);

-- Sign-out messages of the provider that were already acted on: each counts once.
CREATE TABLE seen (
    id BYTEA PRIMARY KEY NOT NULL,
    until BIGINT NOT NULL
);

-- Every replica hears that sessions ended, whoever ended them, once it is so.
CREATE FUNCTION tell_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM gone) THEN
        PERFORM pg_notify('stowage_session_ended', '');
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER sessions_ended AFTER DELETE ON sessions REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION tell_session_ended();

-- As SQLite calls it.
CREATE FUNCTION instr(text, text) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT strpos($1, $2)';
