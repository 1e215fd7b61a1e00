-- Counts one request against every counter of a group, or against none if one of them is full.
--
-- KEYS[1]      the group, a hash: for each counter the time at which it is whole again, in
--              microseconds since 1970
-- ARGV[1]      now, in microseconds since 1970
-- ARGV[3i-1]   the name of counter i
-- ARGV[3i]     what one request takes of counter i, in microseconds
-- ARGV[3i+1]   what counter i holds, in microseconds
-- Result       1 if the request was counted and 0 if not; then, for each counter, the microseconds
--              until it is whole

local now = tonumber(ARGV[1])
local count = (#ARGV - 1) / 3
local result = {1}
for i = 1, count do
  local whole_at = tonumber(redis.call('HGET', KEYS[1], ARGV[3 * i - 1]) or '0')
  local whole_in = math.max(whole_at - now, 0)
  if whole_in + tonumber(ARGV[3 * i]) > tonumber(ARGV[3 * i + 1]) then
    result[1] = 0
  end
  result[i + 1] = whole_in
end
if result[1] == 0 then
  return result
end
-- Five seconds more, because the clocks of replicas differ a little.
local lives_ms = redis.call('PTTL', KEYS[1])
local added = 0
for i = 1, count do
  local whole_in = result[i + 1] + tonumber(ARGV[3 * i])
  local whole_at = string.format('%.0f', now + whole_in)
  added = added + redis.call('HSET', KEYS[1], ARGV[3 * i - 1], whole_at)
  lives_ms = math.max(lives_ms, math.ceil(whole_in / 1000) + 5000)
  result[i + 1] = whole_in
end
redis.call('PEXPIRE', KEYS[1], lives_ms)
-- Counters that are whole say nothing. They are removed now and then, when the group grows.
local size = redis.call('HLEN', KEYS[1])
if added > 0 and size > 64 and size % 64 < added then
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if tonumber(all[i + 1]) <= now then
      redis.call('HDEL', KEYS[1], all[i])
    end
  end
end
return result
