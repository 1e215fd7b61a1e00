-- Which second factors are enrolled: 1 an app, 2 a passkey, 3 both. Written with the authenticators.
ALTER TABLE signet.accounts ADD COLUMN second_factors smallint NOT NULL DEFAULT 0;
-- Whether the account must have one.
ALTER TABLE signet.accounts ADD COLUMN mfa_required boolean NOT NULL DEFAULT false;
