-- Stores a challenge; one with the same key is replaced.
--
-- KEYS[1]  the challenge
-- ARGV[1]  its payload
-- ARGV[2]  until when it exists, in milliseconds since 1970
-- ARGV[3]  after how many milliseconds it is garbage

redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'attempts', 0, 'until', ARGV[2], 'payload', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
