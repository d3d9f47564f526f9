-- Whose turn it is: one act at a time for each person, however many portals share these records. Milliseconds.
CREATE TABLE turns (
    owner TEXT PRIMARY KEY NOT NULL,
    -- Drawn for each turn, so that nobody ends another's.
    holder BLOB NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
