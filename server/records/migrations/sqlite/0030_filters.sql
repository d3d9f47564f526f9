-- Filters of the list of volumes that a person has named.
CREATE TABLE filters (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    q TEXT NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;
