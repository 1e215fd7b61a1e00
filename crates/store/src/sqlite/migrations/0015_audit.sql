-- The audit trail: a row for each line of the chain, and one row with its ends.
CREATE TABLE audit_lines (
    seq     INTEGER NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    type    TEXT    NOT NULL,
    account TEXT,
    line    TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_lines_by_type ON audit_lines (type, seq);
CREATE INDEX audit_lines_by_account ON audit_lines (account, seq);

CREATE TABLE audit_chain (
    id          INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    purged_seq  INTEGER NOT NULL,
    purged_hash TEXT    NOT NULL,
    newest_seq  INTEGER NOT NULL,
    newest_hash TEXT    NOT NULL
) STRICT;

INSERT INTO audit_chain (id, purged_seq, purged_hash, newest_seq, newest_hash)
VALUES (
    1,
    0, '0000000000000000000000000000000000000000000000000000000000000000',
    0, '0000000000000000000000000000000000000000000000000000000000000000'
);
