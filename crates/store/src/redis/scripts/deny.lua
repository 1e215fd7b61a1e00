-- Adds a denial, and sets the bits of what is denied.
--
-- KEYS[1]  the denial
-- KEYS[2]  what the keys of the logs of revocation lists begin with
-- KEYS[3]  the holder of bits that is denied, if there is one
-- ARGV[1]  the denial, 16 bytes
-- ARGV[2]  entries of bits to set; may be empty
-- Result   1

deny(KEYS[1], ARGV[1])
set_bits(KEYS[2], ARGV[2])
if KEYS[3] then
  set_held_bits(KEYS[2], KEYS[3])
end
return 1
