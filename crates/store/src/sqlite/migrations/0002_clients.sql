-- The record holds everything but the key and what statements compare.
CREATE TABLE clients (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    record  TEXT    NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
