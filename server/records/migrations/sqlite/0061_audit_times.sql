-- How often: a person's refused attempts beyond the first few of an hour are counted on the last line of their kind.
ALTER TABLE audit ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
CREATE INDEX audit_at ON audit (at);
