-- The session that the latest ending has spared, and since which epoch every ending has.
ALTER TABLE accounts ADD COLUMN kept_session BLOB;
ALTER TABLE accounts ADD COLUMN kept_since INTEGER;
