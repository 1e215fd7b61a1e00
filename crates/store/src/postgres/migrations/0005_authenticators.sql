-- How often the authenticators of an account were changed; what swaps compare.
ALTER TABLE signet.accounts
    ADD COLUMN authenticators_version bigint NOT NULL DEFAULT 0 CHECK (authenticators_version >= 0);

-- Second factors, recovery codes and passkeys. An account without any has no row.
CREATE TABLE signet.authenticators (
    account uuid  PRIMARY KEY REFERENCES signet.accounts (id) ON DELETE CASCADE,
    record  bytea NOT NULL
);

-- Which account a passkey of a record belongs to.
CREATE TABLE signet.passkeys (
    credential_id bytea PRIMARY KEY,
    account       uuid  NOT NULL REFERENCES signet.accounts (id) ON DELETE CASCADE
);

CREATE INDEX passkeys_by_account ON signet.passkeys (account);
