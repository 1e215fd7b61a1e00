-- What the scripts that deny have in common; it stands before them.
--
-- A denial is 16 bytes: two times in milliseconds, big-endian: the last `iat` that is refused,
-- and until when it is. A denial is never shortened: of each time the later one is kept. The key
-- goes away two hours after the later of its end and the server's time, so that neither clock can
-- make it go early.

local GARBAGE_AFTER_MS = 2 * 3600 * 1000
local LAST_MS = 2 ^ 53

local function later(one, other)
  if struct.unpack('>I8', one) < struct.unpack('>I8', other) then
    return other
  end
  return one
end

local function deny(key, denial)
  local known = redis.call('GET', key)
  if known then
    denial = later(known:sub(1, 8), denial:sub(1, 8)) .. later(known:sub(9, 16), denial:sub(9, 16))
  end
  local time = redis.call('TIME')
  local now = time[1] * 1000
  local ends = math.max(struct.unpack('>I8', denial, 9), now) + GARBAGE_AFTER_MS
  redis.call('SET', key, denial)
  redis.call('PEXPIREAT', key, string.format('%.0f', math.min(ends, LAST_MS)))
end
