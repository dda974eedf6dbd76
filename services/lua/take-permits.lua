--[[
  take-permits: take permits from a window of one second that all who name the counter share.

  Peers of before count with INCR, and EXPIRE when that returns 1. When they are cut off between the two, the counter
  never expires, and nothing is permitted any more. So it is given an expiry here whenever it has none.

  KEYS[1] counter
  ARGV    1 permits in a window · 2 permits wanted · 3 the fewest that are of use
          · 4 in how many slices the window is cut: in the n-th, n of them have been permitted

  Returns { permits granted, milliseconds until there are more }
]]

local WINDOW_MS = 1000
local limit, wanted, fewest, slices = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if not used then
  redis.call('DEL', KEYS[1])
  used = 0
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then left = WINDOW_MS end
-- A counter without expiry gets one. Even where nothing changes: in a full Redis only a script that has written already
-- may count, and what is permitted is what makes room.
redis.call('PEXPIRE', KEYS[1], math.max(1, left))
-- A peer may have given it a longer time: that is still its first slice.
local slice = math.max(1, math.min(slices, math.floor((WINDOW_MS - left) * slices / WINDOW_MS) + 1))
local granted = math.max(0, math.min(wanted, math.ceil(limit * slice / slices) - used))
if granted < fewest then granted = 0 end

if granted > 0 then redis.call('INCRBY', KEYS[1], granted) end
if redis.call('PTTL', KEYS[1]) == -1 then redis.call('PEXPIRE', KEYS[1], WINDOW_MS) end

-- What peers took beyond their share has to be earned first.
local more = math.floor(math.max(0, used + granted) * slices / limit) + 1
local wait = more > slices and left or left - WINDOW_MS + math.ceil((more - 1) * WINDOW_MS / slices)
return { granted, math.max(1, math.min(left, wait)) }
