-- The earliest `iat` of the account's next access tokens, in milliseconds: removing a role raises it.
ALTER TABLE signet.accounts ADD COLUMN issue_from bigint NOT NULL DEFAULT 0;
