--[[
  register: keep what a service declares, or renew that it runs.

  KEYS[1]  hash  P@settings   id -> "<registered at, unix ms> <seen at, unix ms> <registration>"

  ARGV[1]  id
  ARGV[2]  registration: JSON, opaque here, see registration.ts; "" to renew the one with this id
  ARGV[3]  most registrations to keep
  ARGV[4]  how long one is kept that nobody renews, in milliseconds

  Returns "registered", or "unknown" where there is none to renew.
]]

local settings_key, id, registration = KEYS[1], ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local now_text = string.format('%.0f', now)

local known = redis.call('HGET', settings_key, id)
local registered_at = known and string.match(known, '^%d+') or now_text
if registration == '' then
  if not known then return 'unknown' end
  registration = string.match(known, '^%d+ %d+ (.*)$')
end
redis.call('HSET', settings_key, id, registered_at .. ' ' .. now_text .. ' ' .. registration)
if known then return 'registered' end

-- A new one: the oldest make room.
local all = redis.call('HGETALL', settings_key)
local seen = {}
for i = 1, #all, 2 do
  seen[#seen + 1] = { all[i], tonumber(string.match(all[i + 1], '^%d+ (%d+) ')) or 0 }
end
table.sort(seen, function(a, b) return a[2] > b[2] end)
for i, one in ipairs(seen) do
  if i > tonumber(ARGV[3]) or now - one[2] > tonumber(ARGV[4]) then redis.call('HDEL', settings_key, one[1]) end
end
return 'registered'
