-- One-time links: the hash of the token, whose it is, and since which epoch it counts.
CREATE TABLE links (
    account BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    purpose INTEGER NOT NULL,
    digest  BLOB    NOT NULL UNIQUE,
    epoch   INTEGER NOT NULL,
    email   TEXT    NOT NULL,
    until   INTEGER NOT NULL,
    PRIMARY KEY (account, purpose)
) STRICT, WITHOUT ROWID;

CREATE INDEX links_by_end ON links (until);
