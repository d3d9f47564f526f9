-- Whose it became: the owner key and the readable name. Nothing unless the act gave it to somebody.
ALTER TABLE audit ADD COLUMN new_owner TEXT;
ALTER TABLE audit ADD COLUMN new_owner_name TEXT;

-- What was done to one volume or token.
CREATE INDEX audit_object_id ON audit (object_id);
