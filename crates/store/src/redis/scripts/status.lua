-- What the scripts that set bits of revocation lists have in common; it stands before them.
--
-- An entry is 24 bytes: the id of a list, 8 bytes; the first bit and how many, 4 bytes each; and
-- when the list expires, 8 bytes of milliseconds. The log of a list has the two numbers of each
-- entry. Keys go away two hours after the later of their end and the server's time.

local ENTRY_BYTES = 24
local STATUS_GARBAGE_AFTER_MS = 2 * 3600 * 1000
local STATUS_LAST_MS = 2 ^ 53

local function expire_status(key, entry)
  local time = redis.call('TIME')
  local ends = math.max(struct.unpack('>I8', entry, 17), time[1] * 1000) + STATUS_GARBAGE_AFTER_MS
  redis.call('PEXPIREAT', key, string.format('%.0f', math.min(ends, STATUS_LAST_MS)))
end

-- Sets the bits of entries. `log` is what the keys of the logs begin with; the id of the list
-- follows.
local function set_bits(log, entries)
  for from = 1, #entries, ENTRY_BYTES do
    local entry = entries:sub(from, from + ENTRY_BYTES - 1)
    local key = log .. entry:sub(1, 8)
    redis.call('APPEND', key, entry:sub(9, 16))
    expire_status(key, entry)
  end
end

-- Sets the bits that a holder has, and forgets them.
local function set_held_bits(log, holder)
  local entries = redis.call('GET', holder)
  if entries then
    set_bits(log, entries)
    redis.call('DEL', holder)
  end
end

-- Sets the bits that the record of a session ends with, if it is of a format that has them: 4, in
-- the byte behind the header.
local function set_bits_of_session(log, session)
  local record = redis.call('GET', session)
  if record and record:byte(21) == 4 then
    set_bits(log, record:sub(#record - record:byte(#record) * ENTRY_BYTES, #record - 1))
  end
end
