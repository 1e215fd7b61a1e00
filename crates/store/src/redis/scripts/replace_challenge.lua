-- Stores a challenge in the place of one with an expected payload.
--
-- KEYS[1]  the challenge
-- ARGV[1]  its payload
-- ARGV[2]  until when it exists, in milliseconds since 1970
-- ARGV[3]  after how many milliseconds it is garbage
-- ARGV[4]  now, in milliseconds since 1970
-- ARGV[5]  the payload that is there; absent if none may be there
-- Result   1 if it was stored, else 0

local found = redis.call('HMGET', KEYS[1], 'until', 'payload')
local payload = found[1] and tonumber(found[1]) > tonumber(ARGV[4]) and found[2]
if payload ~= (ARGV[5] or false) then
  return 0
end
if not payload then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'attempts', 0)
end
redis.call('HSET', KEYS[1], 'until', ARGV[2], 'payload', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
