-- How often the authenticators of an account were changed; what swaps compare.
ALTER TABLE accounts ADD COLUMN authenticators_version INTEGER NOT NULL DEFAULT 0;

-- Second factors, recovery codes and passkeys. An account without any has no row.
CREATE TABLE authenticators (
    account BLOB NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    record  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Which account a passkey of a record belongs to.
CREATE TABLE passkeys (
    credential_id BLOB NOT NULL PRIMARY KEY,
    account       BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX passkeys_by_account ON passkeys (account);
