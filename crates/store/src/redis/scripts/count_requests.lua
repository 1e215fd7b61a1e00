-- Counts one request against every counter, or against none if one of them is full.
--
-- KEYS[i]      a counter: the time at which it is whole again, in microseconds since 1970
-- ARGV[1]      now, in microseconds since 1970
-- ARGV[2i]     what one request takes of counter i, in microseconds
-- ARGV[2i+1]   what counter i holds, in microseconds
-- Result       1 if the request was counted and 0 if not; then, for each counter, the microseconds
--              until it is whole

local now = tonumber(ARGV[1])
local result = {1}
for i, key in ipairs(KEYS) do
  local whole_at = tonumber(redis.call('GET', key) or '0')
  local whole_in = math.max(whole_at - now, 0)
  if whole_in + tonumber(ARGV[2 * i]) > tonumber(ARGV[2 * i + 1]) then
    result[1] = 0
  end
  result[i + 1] = whole_in
end
if result[1] == 1 then
  for i, key in ipairs(KEYS) do
    local whole_in = result[i + 1] + tonumber(ARGV[2 * i])
    -- Five seconds more, because the clocks of replicas differ a little.
    local lives_ms = math.ceil(whole_in / 1000) + 5000
    redis.call('SET', key, string.format('%.0f', now + whole_in), 'PX', lives_ms)
    result[i + 1] = whole_in
  end
end
return result
