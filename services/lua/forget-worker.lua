--[[
  forget-worker: take a dead worker out of those that are looked after, unless it lives after all, or has something in hand.

  KEYS[1] set, the workers   KEYS[2] string, its heartbeat   KEYS[3] list, what it has in hand
  ARGV    1 its name

  Returns 1 when it was forgotten, and 0 otherwise
]]

if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then return 0 end
return redis.call('SREM', KEYS[1], ARGV[1])
