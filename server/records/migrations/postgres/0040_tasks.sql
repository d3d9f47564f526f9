-- Tasks that are over, as they were last seen, for when the cluster has removed their Jobs.
CREATE TABLE tasks (
    -- The Job's; ids are handles and can be drawn twice.
    uid TEXT COLLATE "C" PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    submitted BIGINT NOT NULL,
    -- As JSON. Nothing once its owner has deleted the task: then it is not written again.
    task TEXT COLLATE "C",
    -- The rest, which lists do not need: events, what was asked for, the Job, logs.
    rest TEXT COLLATE "C",
    until BIGINT NOT NULL
);
CREATE INDEX tasks_of_owner ON tasks (owner, submitted);
