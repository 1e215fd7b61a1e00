-- Adds a denial.
--
-- KEYS[1]  the denial
-- ARGV[1]  the denial, 16 bytes
-- Result   1

deny(KEYS[1], ARGV[1])
return 1
