-- Replaces the epoch of the deny list, unless another process was first.
--
-- KEYS[1]  the epoch
-- ARGV[1]  the epoch to replace, empty if there was none
-- ARGV[2]  the new epoch, 8 bytes
-- Result   the epoch that is stored now

local stored = redis.call('GET', KEYS[1])
if stored and stored ~= ARGV[1] then
  return stored
end
redis.call('SET', KEYS[1], ARGV[2])
return ARGV[2]
