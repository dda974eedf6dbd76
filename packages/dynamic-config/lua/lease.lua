--[[
  lease: hand the lease of the namespace's keeper from one value to another, if it is still what the caller thinks.

  KEYS[1]  string  P@keeper  "<token> <1 while the index is complete, else 0>"; expires

  ARGV[1]  what it must be now; "" for nothing
  ARGV[2]  what it becomes; "" to give it up
  ARGV[3]  for how long, in milliseconds

  Returns {"held"}, or {"other"} when it is something else, and then changes nothing.
]]

local current = redis.call('GET', KEYS[1]) or ''
if current ~= ARGV[1] then return { 'other' } end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return { 'held' }
