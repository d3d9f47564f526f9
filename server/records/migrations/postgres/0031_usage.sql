-- How full volumes were: what nodes said, by the uid of the claim. Bytes; files and folders where the file system counts them.
CREATE TABLE usage (
    claim TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    used BIGINT NOT NULL,
    total BIGINT NOT NULL,
    files_used BIGINT,
    files_total BIGINT,
    PRIMARY KEY (claim, at)
);

CREATE INDEX usage_at ON usage (at);
