-- Notes how far a key ring has come, unless it is known to have come as far.
--
-- KEYS[1]  the note
-- ARGV[1]  the note, 16 bytes: a generation and when it was seen, big-endian
-- Result   the note that stands now

local known = redis.call('GET', KEYS[1])
if known and struct.unpack('>I8', known) >= struct.unpack('>I8', ARGV[1]) then
  return known
end
redis.call('SET', KEYS[1], ARGV[1])
return ARGV[1]
