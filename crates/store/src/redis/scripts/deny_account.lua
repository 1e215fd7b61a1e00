-- Adds the denial of an account, and sets the bits of its sessions and of its other tokens.
--
-- KEYS[1]  the denial
-- KEYS[2]  what the keys of the logs of revocation lists begin with
-- KEYS[3]  the account as a holder of bits
-- KEYS[4]  what the keys of the account's sessions begin with; the session id follows
-- KEYS[5]  the index of the account
-- ARGV[1]  the denial, 16 bytes
-- Result   1

deny(KEYS[1], ARGV[1])
set_held_bits(KEYS[2], KEYS[3])
for _, id in ipairs(redis.call('ZRANGE', KEYS[5], 0, -1)) do
  set_bits_of_session(KEYS[2], KEYS[4] .. id)
end
return 1
