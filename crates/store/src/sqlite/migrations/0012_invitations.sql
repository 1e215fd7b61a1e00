-- Invitations: the hash of the token, for which address, and which account it activates.
CREATE TABLE invitations (
    id         BLOB    NOT NULL PRIMARY KEY,
    digest     BLOB    NOT NULL UNIQUE,
    email      TEXT    NOT NULL,
    email_key  TEXT    NOT NULL UNIQUE,
    account    BLOB    REFERENCES accounts (id) ON DELETE CASCADE,
    roles      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    until      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX invitations_by_end ON invitations (until);
CREATE INDEX invitations_by_account ON invitations (account);
