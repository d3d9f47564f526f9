-- Tasks that are over, as they were last seen, for when the cluster has removed their Jobs.
CREATE TABLE tasks (
    -- The Job's; ids are handles and can be drawn twice.
    uid TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    submitted INTEGER NOT NULL,
    -- As JSON. Nothing once its owner has deleted the task: then it is not written again.
    task TEXT,
    -- The rest, which lists do not need: events, what was asked for, the Job, logs.
    rest TEXT,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_of_owner ON tasks (owner, submitted);
