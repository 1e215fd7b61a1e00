-- Removes a challenge and returns it.
--
-- KEYS[1]  the challenge
-- Result   attempts so far, until when it exists, payload; nil if there is none

local found = redis.call('HMGET', KEYS[1], 'attempts', 'until', 'payload')
if not found[1] then
  return nil
end
redis.call('DEL', KEYS[1])
return found
