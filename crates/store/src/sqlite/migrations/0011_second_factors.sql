-- Which second factors are enrolled: 1 an app, 2 a passkey, 3 both. Written with the authenticators.
ALTER TABLE accounts ADD COLUMN second_factors INTEGER NOT NULL DEFAULT 0;
-- Whether the account must have one.
ALTER TABLE accounts ADD COLUMN mfa_required INTEGER NOT NULL DEFAULT 0;
