--[[
  take: move up to so many items from a queue into a worker's hands.

  KEYS[1] list, the queue   KEYS[2] list, what the worker has in hand
  ARGV    1 the most items

  Returns the items, in the order of the queue
]]

local taken = {}
for i = 1, tonumber(ARGV[1]) do
  local item = redis.call('LMOVE', KEYS[1], KEYS[2], 'RIGHT', 'LEFT')
  if not item then break end
  taken[i] = item
end
return taken
