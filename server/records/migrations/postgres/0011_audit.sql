-- Who did what to which, and how it ended. Rows are added and never changed.
CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    issuer TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    username TEXT COLLATE "C" NOT NULL,
    verb TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    object_name TEXT COLLATE "C" NOT NULL,
    -- Whose it was: the owner key and the readable name.
    owner TEXT COLLATE "C" NOT NULL,
    owner_name TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    -- The name of the token, or nothing for a page.
    token TEXT COLLATE "C",
    -- `done`, or the code of the refusal.
    outcome TEXT COLLATE "C" NOT NULL
);
