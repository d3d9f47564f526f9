-- The groups that the last id token named, as a JSON list of text: classes may be for groups.
ALTER TABLE people ADD COLUMN member_of TEXT COLLATE "C" NOT NULL DEFAULT '[]';
