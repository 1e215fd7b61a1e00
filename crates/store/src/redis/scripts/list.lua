-- Reads every session of an account.
--
-- KEYS[1]  what the keys of the account's sessions begin with; the session id follows
-- KEYS[2]  the index of the account
-- Result   session id, record, session id, record …, the one created last first

local found = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[2], 0, -1)) do
  local record = redis.call('GET', KEYS[1] .. id)
  if record then
    found[#found + 1] = id
    found[#found + 1] = record
  end
end
return found
