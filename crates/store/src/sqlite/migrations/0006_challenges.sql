-- One-time values with a payload, removed by the one that takes them.
CREATE TABLE challenges (
    purpose  INTEGER NOT NULL,
    id       BLOB    NOT NULL, -- 32 bytes, a hash
    payload  BLOB    NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    until    INTEGER NOT NULL,
    PRIMARY KEY (purpose, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX challenges_by_end ON challenges (until);
