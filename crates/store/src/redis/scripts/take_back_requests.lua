-- Takes back one request that was counted.
--
-- KEYS[1]      the group, a hash: for each counter the time at which it is whole again, in
--              microseconds since 1970
-- ARGV[1]      now, in microseconds since 1970
-- ARGV[2i]     the name of counter i
-- ARGV[2i+1]   what one request takes of counter i, in microseconds

for i = 2, #ARGV, 2 do
  local whole_at = redis.call('HGET', KEYS[1], ARGV[i])
  if whole_at then
    local earlier = tonumber(whole_at) - tonumber(ARGV[i + 1])
    if earlier <= tonumber(ARGV[1]) then
      redis.call('HDEL', KEYS[1], ARGV[i])
    else
      redis.call('HSET', KEYS[1], ARGV[i], string.format('%.0f', earlier))
    end
  end
end
