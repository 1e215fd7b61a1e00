-- The earliest `iat` of the account's next access tokens, in milliseconds: removing a role raises it.
ALTER TABLE accounts ADD COLUMN issue_from INTEGER NOT NULL DEFAULT 0;
