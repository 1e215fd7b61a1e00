-- Ends every session of an account whose epoch is before a given one.
--
-- KEYS[1]  what the keys of the account's sessions begin with; the session id follows
-- KEYS[2]  the index of the account
-- KEYS[3]  what the keys of the account's denials begin with; the session id follows
-- ARGV[1]  the epoch
-- ARGV[2]  the denial, 16 bytes
-- Result   how many records were removed

local before = tonumber(ARGV[1])
local ended = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local epoch = redis.call('GETRANGE', KEYS[1] .. id, 8, 11)
  if epoch == '' then
    redis.call('ZREM', KEYS[2], id)
  elseif struct.unpack('>I4', epoch) < before then
    redis.call('ZREM', KEYS[2], id)
    deny(KEYS[3] .. id, ARGV[2])
    ended = ended + redis.call('DEL', KEYS[1] .. id)
  end
end
return ended
