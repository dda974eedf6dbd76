--[[
  take: move up to so many items from a queue into a worker's hands.

  KEYS[1] list, the queue   KEYS[2] list, what the worker has in hand
  ARGV    1 the most items

  Returns the items, in the order of the queue
]]

-- A script does not roll back: what could fail below must fail before anything is taken.
redis.call('LLEN', KEYS[2])

local taken = {}
for i = 1, tonumber(ARGV[1]) do
  -- Not LMOVE, which a full Redis refuses: what is taken is what makes room.
  local item = redis.call('RPOP', KEYS[1])
  if not item then break end
  redis.call('LPUSH', KEYS[2], item)
  taken[i] = item
end
return taken
