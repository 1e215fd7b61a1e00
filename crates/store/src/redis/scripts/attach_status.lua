-- Adds an entry to a holder of bits. Entries are in the order of their time, so if the one in the
-- middle has expired, those that have expired are removed.
--
-- KEYS[1]  the holder
-- ARGV[1]  the entry, 24 bytes
-- ARGV[2]  the time, milliseconds
-- Result   1

local now = tonumber(ARGV[2])
local function has_expired(entries, number)
  return struct.unpack('>I8', entries, number * ENTRY_BYTES + 17) <= now
end

local length = redis.call('STRLEN', KEYS[1]) / ENTRY_BYTES
if length > 0 then
  local middle = math.floor(length / 2) * ENTRY_BYTES
  local entry = redis.call('GETRANGE', KEYS[1], middle, middle + ENTRY_BYTES - 1)
  if has_expired(entry, 0) then
    local entries = redis.call('GET', KEYS[1])
    local first = 0
    while first < length and has_expired(entries, first) do
      first = first + 1
    end
    redis.call('SET', KEYS[1], entries:sub(first * ENTRY_BYTES + 1))
  end
end
redis.call('APPEND', KEYS[1], ARGV[1])
expire_status(KEYS[1], ARGV[1])
return 1
