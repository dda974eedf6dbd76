--[[
  offer: put items on a queue, all of them or none.

  KEYS[1] list
  ARGV    1 the most items that the queue may hold · 2.. the items, the first to be taken first

  Returns { 1 or 0: whether they were accepted, the length of the queue after that }
]]

local length = redis.call('LLEN', KEYS[1])
if length + #ARGV - 1 > tonumber(ARGV[1]) then return { 0, length } end
for i = 2, #ARGV do length = redis.call('LPUSH', KEYS[1], ARGV[i]) end
return { 1, length }
