-- Mail that waits to be sent. The payload is sealed.
CREATE TABLE signet.outbox (
    id       bytea   PRIMARY KEY CHECK (octet_length(id) = 16),
    account  uuid    REFERENCES signet.accounts (id) ON DELETE CASCADE,
    payload  bytea   NOT NULL,
    attempts bigint  NOT NULL,
    due      bigint  NOT NULL,
    until    bigint  NOT NULL
);

CREATE INDEX outbox_by_due ON signet.outbox (due);
CREATE INDEX outbox_by_end ON signet.outbox (until);
CREATE INDEX outbox_by_account ON signet.outbox (account);
