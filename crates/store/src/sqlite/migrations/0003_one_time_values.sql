-- What has been used and may not be used again until then.
CREATE TABLE one_time_values (
    value BLOB    NOT NULL PRIMARY KEY, -- 32 bytes, a hash
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX one_time_values_by_end ON one_time_values (until);
