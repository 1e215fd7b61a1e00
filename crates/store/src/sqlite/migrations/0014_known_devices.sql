-- Devices that accounts have signed in with: a digest of the account and the program.
CREATE TABLE known_devices (
    account BLOB    NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    device  BLOB    NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (account, device)
) STRICT, WITHOUT ROWID;

CREATE INDEX known_devices_by_time ON known_devices (seen_at);
