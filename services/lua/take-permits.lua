--[[
  take-permits: take permits from a window of one second that all who name the counter share.

  Peers of before count with INCR, and EXPIRE when that returns 1. When they are cut off between the two, the counter
  never expires, and nothing is permitted any more. So it is given an expiry here whenever it has none.

  KEYS[1] counter
  ARGV    1 permits in a window · 2 permits wanted

  Returns { permits granted, milliseconds until the window ends }
]]

local WINDOW_MS = 1000
local used = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
local granted = math.max(0, math.min(tonumber(ARGV[2]), tonumber(ARGV[1]) - used))
if granted > 0 then redis.call('INCRBY', KEYS[1], granted) end
local left = redis.call('PTTL', KEYS[1])
if left == -1 then
  redis.call('PEXPIRE', KEYS[1], WINDOW_MS)
  left = WINDOW_MS
end
return { granted, math.max(0, left) }
