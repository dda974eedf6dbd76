--[[
  lease: hand the lease of the namespace's keeper from one token to another, if it is still what the caller thinks.

  KEYS[1]  string  P@keeper  the keeper's token; expires
  KEYS[2]  hash    P@index   field "": the token of the keeper that compared it with all keys, and follows what is written
                             since. No key has an empty name. Where the hash is lost, so is the mark.
  KEYS[3]  hash    P@head

  ARGV[1]  the token that it must be now; "" for none
  ARGV[2]  the token that it becomes; "" to give it up
  ARGV[3]  for how long, in milliseconds
  ARGV[4]  "1" to set the mark

  Returns {"held", "1" while the index is marked, else "0", revision}; or {"other"} when the lease is something else, or
  {"wrong_type", name of the Redis key}, and then changes nothing.
]]

for i, what in ipairs({ { 'GET' }, { 'HGET', '' }, { 'HGET', 'revision' } }) do
  local reply = redis.pcall(what[1], KEYS[i], unpack(what, 2))
  if type(reply) == 'table' and reply.err then
    if string.sub(reply.err, 1, 9) == 'WRONGTYPE' then return { 'wrong_type', KEYS[i] } end
    return reply
  end
end

local current = redis.call('GET', KEYS[1]) or ''
if current ~= ARGV[1] then return { 'other' } end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
if ARGV[4] == '1' then redis.call('HSET', KEYS[2], '', ARGV[2]) end
local mark = redis.call('HGET', KEYS[2], '')
return { 'held', mark == ARGV[2] and '1' or '0', redis.call('HGET', KEYS[3], 'revision') or '0' }
