--[[
  settle: take items out of a worker's hands, each to where it goes next. All of it at once: an item is in its hands, or
  where it goes, and never in both or in neither.

  KEYS[1] list, what the worker has in hand   KEYS[2..] lists where items go
  ARGV    five for each item: the item · the number of its list in KEYS, 0 for nowhere · what is pushed there
          · 1 for the end that is taken from next, 0 for the other · how many the list keeps, 0 for all

  An item that is not in hand is left alone: another worker took it over, and settles it.

  Returns the number of items that were settled
]]

-- A script does not roll back: what could fail below must fail before anything is moved.
for i = 2, #KEYS do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'list' and kind ~= 'none' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. kind .. ', and items go to lists')
  end
end

local settled = 0
for i = 1, #ARGV, 5 do
  -- From the back, where the oldest are: they are settled first.
  if redis.call('LREM', KEYS[1], -1, ARGV[i]) == 1 then
    settled = settled + 1
    local list = KEYS[tonumber(ARGV[i + 1])]
    if list then
      redis.call(ARGV[i + 3] == '1' and 'RPUSH' or 'LPUSH', list, ARGV[i + 2])
      local keep = tonumber(ARGV[i + 4])
      if keep > 0 then redis.call('LTRIM', list, 0, keep - 1) end
    end
  end
end
return settled
