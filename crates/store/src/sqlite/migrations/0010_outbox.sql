-- Mail that waits to be sent. The payload is sealed.
CREATE TABLE outbox (
    id       BLOB    NOT NULL PRIMARY KEY,
    account  BLOB    REFERENCES accounts (id) ON DELETE CASCADE,
    payload  BLOB    NOT NULL,
    attempts INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    until    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_by_due ON outbox (due);
CREATE INDEX outbox_by_end ON outbox (until);
CREATE INDEX outbox_by_account ON outbox (account);
