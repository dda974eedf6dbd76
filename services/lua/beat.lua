--[[
  beat: say that a worker lives.

  KEYS[1] set, the workers   KEYS[2] string, its heartbeat
  ARGV    1 its name · 2 milliseconds after which it is taken for dead
]]

-- In a full Redis only a script that has written already may write more, and a worker is needed there most.
redis.call('SREM', KEYS[1], '')

redis.call('SADD', KEYS[1], ARGV[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
