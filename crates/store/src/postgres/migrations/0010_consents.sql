-- What people have allowed clients. The record holds the scopes and the audiences.
CREATE TABLE signet.consents (
    account uuid   NOT NULL REFERENCES signet.accounts (id) ON DELETE CASCADE,
    client  text   COLLATE "C" NOT NULL REFERENCES signet.clients (id) ON DELETE CASCADE,
    record  text   NOT NULL, -- JSON
    until   bigint NOT NULL,
    PRIMARY KEY (account, client)
);

CREATE INDEX consents_by_client ON signet.consents (client);

CREATE INDEX consents_by_end ON signet.consents (until);
