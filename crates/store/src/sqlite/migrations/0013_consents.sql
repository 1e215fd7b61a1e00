-- What people have allowed clients. The record holds the scopes and the audiences.
CREATE TABLE consents (
    account BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    client  TEXT    NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
    record  TEXT    NOT NULL, -- JSON
    until   INTEGER NOT NULL,
    PRIMARY KEY (account, client)
) STRICT, WITHOUT ROWID;

CREATE INDEX consents_by_client ON consents (client);

CREATE INDEX consents_by_end ON consents (until);
