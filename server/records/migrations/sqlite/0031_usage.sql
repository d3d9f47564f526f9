-- How full volumes were: what nodes said, by the uid of the claim. Bytes; files and folders where the file system counts them.
CREATE TABLE usage (
    claim TEXT NOT NULL,
    at INTEGER NOT NULL,
    used INTEGER NOT NULL,
    total INTEGER NOT NULL,
    files_used INTEGER,
    files_total INTEGER,
    PRIMARY KEY (claim, at)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_at ON usage (at);
