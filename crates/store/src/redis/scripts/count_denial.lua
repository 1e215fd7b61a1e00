-- Counts the denials that one process has written.
--
-- KEYS[1]  the count of the process
-- ARGV[1]  after how many seconds without a denial the count is garbage
-- Result   the count

local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1])
return count
