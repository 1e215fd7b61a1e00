-- Devices that accounts have signed in with: a digest of the account and the program.
CREATE TABLE signet.known_devices (
    account uuid   NOT NULL REFERENCES signet.accounts (id) ON DELETE CASCADE,
    device  bytea  NOT NULL CHECK (octet_length(device) = 32),
    seen_at bigint NOT NULL,
    PRIMARY KEY (account, device)
);

CREATE INDEX known_devices_by_time ON signet.known_devices (seen_at);
