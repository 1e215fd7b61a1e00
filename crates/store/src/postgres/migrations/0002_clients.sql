-- The record holds everything but the key and what statements compare.
CREATE TABLE signet.clients (
    id      text   COLLATE "C" PRIMARY KEY, -- listed in the order of its bytes
    version bigint NOT NULL CHECK (version >= 0),
    record  text   NOT NULL -- JSON
);
