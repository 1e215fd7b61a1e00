-- The audit trail: a row for each line of the chain, and one row with its ends.
CREATE TABLE signet.audit_lines (
    seq     bigint PRIMARY KEY,
    at      bigint NOT NULL,
    type    text   NOT NULL,
    account text,
    line    text   NOT NULL
);

CREATE INDEX audit_lines_by_type ON signet.audit_lines (type, seq);
CREATE INDEX audit_lines_by_account ON signet.audit_lines (account, seq);

CREATE TABLE signet.audit_chain (
    id          boolean PRIMARY KEY DEFAULT true CHECK (id),
    purged_seq  bigint  NOT NULL,
    purged_hash text    NOT NULL,
    newest_seq  bigint  NOT NULL,
    newest_hash text    NOT NULL
);

INSERT INTO signet.audit_chain (purged_seq, purged_hash, newest_seq, newest_hash)
VALUES (0, repeat('0', 64), 0, repeat('0', 64));
