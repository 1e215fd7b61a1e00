-- Takes back one request that was counted.
--
-- KEYS[i]      a counter: the time at which it is whole again, in microseconds since 1970
-- ARGV[1]      now, in microseconds since 1970
-- ARGV[i+1]    what one request takes of counter i, in microseconds

for i, key in ipairs(KEYS) do
  local whole_at = redis.call('GET', key)
  if whole_at then
    local earlier = tonumber(whole_at) - tonumber(ARGV[i + 1])
    if earlier <= tonumber(ARGV[1]) then
      redis.call('DEL', key)
    else
      redis.call('SET', key, string.format('%.0f', earlier), 'KEEPTTL')
    end
  end
end
