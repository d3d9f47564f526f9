-- Who did what to which, and how it ended. Rows are added and never changed.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    username TEXT NOT NULL,
    verb TEXT NOT NULL,
    object_id TEXT NOT NULL,
    object_name TEXT NOT NULL,
    -- Whose it was: the owner key and the readable name.
    owner TEXT NOT NULL,
    owner_name TEXT NOT NULL,
    request_id TEXT NOT NULL,
    -- The name of the token, or nothing for a page.
    token TEXT,
    -- `done`, or the code of the refusal.
    outcome TEXT NOT NULL
) STRICT;
