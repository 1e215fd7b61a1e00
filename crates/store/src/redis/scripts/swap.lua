-- Replaces the record of a session if it is still at an expected version.
--
-- KEYS[1]  the session
-- ARGV[1]  the expected version, 8 bytes, as a record begins with it
-- ARGV[2]  the new record
-- ARGV[3]  after how many milliseconds the record is garbage
-- Result   1 if it was replaced, 0 if it is gone or at another version

if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
