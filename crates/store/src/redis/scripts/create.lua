-- Adds a session, and ends those created first when the account has too many then.
--
-- KEYS[1]  what the keys of the account's sessions begin with; the session id follows
-- KEYS[2]  the index of the account: session ids by the time they were created
-- KEYS[3]  what the keys of the account's denials begin with; the session id follows
-- KEYS[4]  what the keys of the account's holders of bits begin with; the session id follows
-- KEYS[5]  what the keys of the logs of revocation lists begin with
-- ARGV[1]  the session id, 16 bytes
-- ARGV[2]  the record
-- ARGV[3]  when it was created, milliseconds; what has expired then does not count
-- ARGV[4]  after how many milliseconds the record is garbage
-- ARGV[5]  after how many milliseconds the record is garbage however often it is replaced
-- ARGV[6]  how many sessions the account may have beside this one
-- ARGV[7]  the denial of what is ended, 16 bytes
-- Result   how many sessions were denied, or -1 if there is a session with this id; nothing was
--          changed then

local id, created_at, others = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[6])
if not redis.call('SET', KEYS[1] .. id, ARGV[2], 'NX', 'PX', ARGV[4]) then
  return -1
end
redis.call('ZADD', KEYS[2], ARGV[3], id)
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[5]) then
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
if redis.call('ZCARD', KEYS[2]) <= others + 1 then
  return 0
end

local living = {}
for _, other in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  local expires_at = redis.call('GETRANGE', KEYS[1] .. other, 12, 19)
  if other == id then
    -- The new one stays.
  elseif expires_at ~= '' and struct.unpack('>I8', expires_at) > created_at then
    living[#living + 1] = other
  else
    redis.call('ZREM', KEYS[2], other)
    redis.call('DEL', KEYS[1] .. other)
  end
end
local denied = math.max(#living - others, 0)
for oldest = 1, denied do
  local other = living[oldest]
  redis.call('ZREM', KEYS[2], other)
  deny(KEYS[3] .. other, ARGV[7])
  set_bits_of_session(KEYS[5], KEYS[1] .. other)
  set_held_bits(KEYS[5], KEYS[4] .. other)
  redis.call('DEL', KEYS[1] .. other)
end
return denied
