-- Ends one session: removes its record and denies its access tokens.
--
-- KEYS[1]  the session
-- KEYS[2]  the index of its account
-- KEYS[3]  the denial of the session
-- KEYS[4]  the session as a holder of bits
-- KEYS[5]  what the keys of the logs of revocation lists begin with
-- ARGV[1]  the session id, 16 bytes
-- ARGV[2]  the denial, 16 bytes
-- Result   1 if there was a record, else 0

redis.call('ZREM', KEYS[2], ARGV[1])
deny(KEYS[3], ARGV[2])
set_bits_of_session(KEYS[5], KEYS[1])
set_held_bits(KEYS[5], KEYS[4])
return redis.call('DEL', KEYS[1])
