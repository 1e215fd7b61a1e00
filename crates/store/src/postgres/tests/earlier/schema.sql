-- The schema of the earlier release, as it was in a database.

CREATE SCHEMA signet;
CREATE TABLE signet.schema_steps (
    step    integer     PRIMARY KEY,
    seen_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO signet.schema_steps (step) VALUES (1), (2), (3);

-- Times are milliseconds since 1970-01-01T00:00:00Z.

CREATE TABLE signet.accounts (
    id             uuid     PRIMARY KEY,
    email          text     NOT NULL,
    -- Compared byte by byte: its order must not change with the C library of the server.
    email_key      text     COLLATE "C" NOT NULL UNIQUE,
    email_verified boolean  NOT NULL,
    name           text,
    roles          text[]   NOT NULL,
    status         smallint NOT NULL CHECK (status IN (0, 1)), -- 0 active, 1 disabled
    epoch          bigint   NOT NULL CHECK (epoch BETWEEN 0 AND 4294967294),
    password_hash  text     NOT NULL,
    created_at     bigint   NOT NULL
);

-- What remains of a change, or of a deleted account, until its sessions have been ended.
CREATE TABLE signet.pending_endings (
    seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order in which they came up
    account uuid   NOT NULL UNIQUE,
    before  bigint NOT NULL CHECK (before BETWEEN 1 AND 4294967295) -- an epoch
);
-- The record holds everything but the key and what statements compare.
CREATE TABLE signet.clients (
    id      text   COLLATE "C" PRIMARY KEY, -- listed in the order of its bytes
    version bigint NOT NULL CHECK (version >= 0),
    record  text   NOT NULL -- JSON
);
-- The session that the latest ending has spared, and since which epoch every ending has.
ALTER TABLE signet.accounts
    ADD COLUMN kept_session bytea CHECK (octet_length(kept_session) = 16),
    ADD COLUMN kept_since   bigint,
    ADD CONSTRAINT accounts_kept_check CHECK (
        (kept_session IS NULL) = (kept_since IS NULL) AND kept_since BETWEEN 0 AND epoch
    );
