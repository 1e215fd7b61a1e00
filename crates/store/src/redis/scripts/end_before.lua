-- Ends every session of an account whose epoch is before a given one, except the kept one.
--
-- KEYS[1]  what the keys of the account's sessions begin with; the session id follows
-- KEYS[2]  the index of the account
-- KEYS[3]  what the keys of the account's denials begin with; the session id follows
-- KEYS[4]  what the keys of the account's holders of bits begin with; the session id follows
-- KEYS[5]  what the keys of the logs of revocation lists begin with
-- ARGV[1]  the epoch
-- ARGV[2]  the denial, 16 bytes
-- ARGV[3]  the id of the session that is left alone, if there is one
-- ARGV[4]  the first epoch at which it is
-- Result   how many records were removed

local before, kept, since = tonumber(ARGV[1]), ARGV[3], tonumber(ARGV[4])
local ended = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local bytes = redis.call('GETRANGE', KEYS[1] .. id, 8, 11)
  local epoch = bytes ~= '' and struct.unpack('>I4', bytes)
  if not epoch then
    redis.call('ZREM', KEYS[2], id)
  elseif id == kept and epoch >= since then
    -- This one goes on.
  elseif epoch < before then
    redis.call('ZREM', KEYS[2], id)
    deny(KEYS[3] .. id, ARGV[2])
    set_bits_of_session(KEYS[5], KEYS[1] .. id)
    set_held_bits(KEYS[5], KEYS[4] .. id)
    ended = ended + redis.call('DEL', KEYS[1] .. id)
  end
end
return ended
