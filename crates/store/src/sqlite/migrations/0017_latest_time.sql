-- The latest time at which a process has used this file, in one row.
CREATE TABLE latest_time (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
) STRICT;
