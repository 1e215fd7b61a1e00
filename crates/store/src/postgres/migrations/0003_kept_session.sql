-- The session that the latest ending has spared, and since which epoch every ending has.
ALTER TABLE signet.accounts
    ADD COLUMN kept_session bytea CHECK (octet_length(kept_session) = 16),
    ADD COLUMN kept_since   bigint,
    ADD CONSTRAINT accounts_kept_check CHECK (
        (kept_session IS NULL) = (kept_since IS NULL) AND kept_since BETWEEN 0 AND epoch
    );
