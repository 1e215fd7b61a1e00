-- The newest generation of a key ring that any process has seen.
CREATE TABLE ring_notes (
    ring       TEXT    NOT NULL PRIMARY KEY, -- its name
    generation INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
