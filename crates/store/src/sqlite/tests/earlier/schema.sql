-- The schema of the earlier release, as it was in a file.

-- Times are milliseconds since 1970-01-01T00:00:00Z, ids are their 16 bytes.

CREATE TABLE accounts (
    id             BLOB    NOT NULL PRIMARY KEY,
    email          TEXT    NOT NULL,
    email_key      TEXT    NOT NULL UNIQUE,
    email_verified INTEGER NOT NULL,
    name           TEXT,
    roles          TEXT    NOT NULL, -- separated by spaces
    status         INTEGER NOT NULL, -- 0 active, 1 disabled
    epoch          INTEGER NOT NULL,
    password_hash  TEXT    NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What remains of a change, or of a deleted account, until its sessions have been ended.
CREATE TABLE pending_endings (
    seq     INTEGER PRIMARY KEY, -- the order in which they came up
    account BLOB    NOT NULL UNIQUE,
    before  INTEGER NOT NULL    -- an epoch
) STRICT;

-- The record holds everything; the other columns are what statements compare.
CREATE TABLE sessions (
    account    BLOB    NOT NULL,
    sid        BLOB    NOT NULL,
    version    INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL, -- no index: every rotation would have to move its entry
    record     BLOB    NOT NULL,
    PRIMARY KEY (account, sid)
) STRICT, WITHOUT ROWID;

CREATE TABLE denials (
    key          BLOB    NOT NULL PRIMARY KEY, -- a byte for the kind, and the ids
    issued_until INTEGER NOT NULL,             -- refuses tokens issued then or before
    until        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX denials_by_end ON denials (until);
-- The record holds everything but the key and what statements compare.
CREATE TABLE clients (
    id      TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    record  TEXT    NOT NULL -- JSON
) STRICT, WITHOUT ROWID;
-- What has been used and may not be used again until then.
CREATE TABLE one_time_values (
    value BLOB    NOT NULL PRIMARY KEY, -- 32 bytes, a hash
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX one_time_values_by_end ON one_time_values (until);
-- The newest generation of a key ring that any process has seen.
CREATE TABLE ring_notes (
    ring       TEXT    NOT NULL PRIMARY KEY, -- its name
    generation INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- The session that the latest ending has spared, and since which epoch every ending has.
ALTER TABLE accounts ADD COLUMN kept_session BLOB;
ALTER TABLE accounts ADD COLUMN kept_since INTEGER;

PRAGMA user_version = 5;
