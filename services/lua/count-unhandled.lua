--[[
  count-unhandled: count events of one host that no rule matched, and put an alert on the queue for each time that the
  threshold is reached again. Both at once: a count without its alert would never be told.

  KEYS[1] counter, of one host and hour   KEYS[2] list, the alerts
  ARGV    1 how many events · 2 the threshold · 3 milliseconds that the counter lives
          · 4.. the alert as JSON, in pieces: the count goes between them

  Returns the number of alerts
]]

-- A script does not roll back: what could fail below must fail before anything is counted.
redis.call('LLEN', KEYS[2])

-- Even where nothing changes: in a full Redis only a script that has written already may count.
local left = redis.call('PTTL', KEYS[1])
redis.call('PEXPIRE', KEYS[1], left > 0 and left or ARGV[3])

local after = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end

local threshold = tonumber(ARGV[2])
local reached = math.floor((after - tonumber(ARGV[1])) / threshold) + 1
local alerts = 0
for count = reached * threshold, after, threshold do
  redis.call('LPUSH', KEYS[2], table.concat(ARGV, string.format('%d', count), 4))
  alerts = alerts + 1
end
return alerts
