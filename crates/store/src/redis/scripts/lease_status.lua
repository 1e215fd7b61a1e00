-- Leases a block of bits of a list that takes tokens, and adds a list if there is none. Removes
-- lists that have expired.
--
-- KEYS[1]  the lists: for each id 28 bytes: when it was opened, until when it takes tokens, when it
--          expires, as 8 bytes of milliseconds each, and its first bit that is not leased
-- ARGV[1]  the time, milliseconds
-- ARGV[2]  until when opened lists are lost, milliseconds
-- ARGV[3]  the id of the list to add
-- ARGV[4]  its three times
-- ARGV[5]  how many bits a block has
-- ARGV[6]  how many bits a list has
-- Result   the id of the list, its three times, the first bit of the block

local now, lost_until = tonumber(ARGV[1]), tonumber(ARGV[2])
local block, size = tonumber(ARGV[5]), tonumber(ARGV[6])
local id, times, first = ARGV[3], ARGV[4], 0
local lists = redis.call('HGETALL', KEYS[1])
for at = 1, #lists, 2 do
  local list = lists[at + 1]
  local opened_at, issues_until, expires_at, free = struct.unpack('>I8I8I8I4', list)
  if expires_at <= now then
    redis.call('HDEL', KEYS[1], lists[at])
  elseif opened_at > lost_until and issues_until > now and free + block <= size then
    id, times, first = lists[at], list:sub(1, 24), free
  end
end
redis.call('HSET', KEYS[1], id, times .. struct.pack('>I4', first + block))
return {id, times, first}
