-- Filters of the list of volumes that a person has named.
CREATE TABLE filters (
    owner TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    q TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (owner, name)
);
