-- Counts one more attempt on a challenge and returns it.
--
-- KEYS[1]  the challenge
-- Result   attempts so far, this one included, until when it exists, payload; nil if there is none

if redis.call('EXISTS', KEYS[1]) == 0 then
  return nil
end
redis.call('HINCRBY', KEYS[1], 'attempts', 1)
return redis.call('HMGET', KEYS[1], 'attempts', 'until', 'payload')
