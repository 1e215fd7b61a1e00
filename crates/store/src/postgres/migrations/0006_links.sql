-- One-time links: the hash of the token, whose it is, and since which epoch it counts.
CREATE TABLE signet.links (
    account uuid     NOT NULL REFERENCES signet.accounts (id) ON DELETE CASCADE,
    purpose smallint NOT NULL,
    digest  bytea    NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    epoch   bigint   NOT NULL,
    email   text     NOT NULL,
    until   bigint   NOT NULL,
    PRIMARY KEY (account, purpose)
);

CREATE INDEX links_by_end ON signet.links (until);
