-- When the address was verified, custom claims as JSON (none when absent), and what updates compare.
ALTER TABLE signet.accounts
    ADD COLUMN email_verified_at bigint,
    ADD COLUMN claims            text CHECK (octet_length(claims) <= 1024),
    ADD COLUMN version           bigint NOT NULL DEFAULT 0 CHECK (version >= 0),
    DROP CONSTRAINT accounts_status_check,
    ADD CONSTRAINT accounts_status_check CHECK (status IN (0, 1, 2)); -- 2 invited
