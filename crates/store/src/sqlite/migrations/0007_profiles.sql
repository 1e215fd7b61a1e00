-- When the address was verified, custom claims as JSON (none when absent), and what updates compare.
-- status may be 2 now: invited.
ALTER TABLE accounts ADD COLUMN email_verified_at INTEGER;
ALTER TABLE accounts ADD COLUMN claims TEXT;
ALTER TABLE accounts ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
