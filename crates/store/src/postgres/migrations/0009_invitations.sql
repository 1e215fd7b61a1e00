-- Invitations: the hash of the token, for which address, and which account it activates.
CREATE TABLE signet.invitations (
    id         bytea  PRIMARY KEY CHECK (octet_length(id) = 16),
    digest     bytea  NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    email      text   NOT NULL,
    email_key  text   NOT NULL UNIQUE,
    account    uuid   REFERENCES signet.accounts (id) ON DELETE CASCADE,
    roles      text   NOT NULL,
    created_at bigint NOT NULL,
    until      bigint NOT NULL
);

CREATE INDEX invitations_by_end ON signet.invitations (until);
CREATE INDEX invitations_by_account ON signet.invitations (account);
