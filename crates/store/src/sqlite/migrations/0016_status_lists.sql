-- Revocation lists that verifiers fetch.
CREATE TABLE status_lists (
    id           BLOB    NOT NULL PRIMARY KEY,
    opened_at    INTEGER NOT NULL,
    issues_until INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    free         INTEGER NOT NULL    -- the first bit that is not leased
) STRICT, WITHOUT ROWID;

-- Whose end sets which bits, besides the bits in records of sessions.
CREATE TABLE status_holders (
    seq        INTEGER PRIMARY KEY,
    holder     BLOB    NOT NULL, -- a key of a denial
    list       BLOB    NOT NULL,
    first      INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX status_holders_by_holder ON status_holders (holder);
CREATE INDEX status_holders_by_end ON status_holders (expires_at);

-- The bits that were set. No number is used twice, because readers continue behind the last one.
CREATE TABLE status_log (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    list       BLOB    NOT NULL,
    first      INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX status_log_by_end ON status_log (expires_at);
