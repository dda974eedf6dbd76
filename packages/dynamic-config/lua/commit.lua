--[[
  commit: apply one change set, all of it or nothing, and announce it.

  KEYS[1]  hash    P@head      epoch, revision, hash
  KEYS[2]  hash    P@index     key -> "<revision> <unix ms> <sha1 of the value> <bytes of the value> <changed by>";
                             changed by is empty for out of band
  KEYS[3]  stream  P@log       id "<revision>-0"; fields: header, body, previous (JSON array)
  KEYS[4]  hash    P@requests  request id -> its revision
  KEYS[5..] strings P:<key>    the entries, in the order of the changes

  ARGV[1]  request id
  ARGV[2]  expected revision of the namespace, or "" for any
  ARGV[3]  epoch to begin, should the namespace have none
  ARGV[4]  "1" to announce the change, "0" not to
  ARGV[5]  changed by
  ARGV[6]  body: JSON, opaque here, see record.ts
  ARGV[7]  channel P@changes
  ARGV[8]  channel P:updates
  ARGV[9..] four for each change: key; "set", "delete" or "keep"; value; expected revision of the key, or "" for any

  Each key, those of "keep" too, is compared with the index first: where they differ somebody wrote past us, and that is
  recorded as a revision of its own: as a deletion, where what is there now can be no value. With nothing but "keep" (and
  no request id) that is all that happens.

  Returns {"committed", header, previous}, {"repeated", header, body, previous}, {"adopted", how many keys were looked at},
  {"conflict", key or "", current revision}, {"wrong_type", name of the Redis key}, {"denied", command},
  {"damaged", P@head} or {"log_ahead", revision of the head}. With all but the first three nothing was written.

  Publishes the header, a newline and the body of each record on P@changes, and each key that it set or deleted on
  P:updates. A header is "<epoch> <revision> <unix ms> <previous hash or -> <hash>".

  Scripts don't roll back: everything that can fail is tried first, the log entry is the first write and the
  announcement the last. Values are opaque bytes; revisions are handled as text, since Lua would print large ones in
  floating point.
]]

local head_key, index_key, log_key, requests_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local first_entry = 5
local max_value_bytes = 1024 * 1024
local count = #KEYS - first_entry + 1

local function failed(reply)
  return type(reply) == 'table' and reply.err ~= nil
end

-- Why a command failed that does nothing but read: the key is something else, or the user may not.
local function refusal(reply, key, command)
  if string.sub(reply.err, 1, 9) == 'WRONGTYPE' then return { 'wrong_type', key } end
  return { 'denied', command }
end

local function next_revision(revision)
  return string.format('%.0f', tonumber(revision) + 1)
end

local head = redis.pcall('HMGET', head_key, 'epoch', 'revision', 'hash')
if failed(head) then return refusal(head, head_key, 'HMGET') end

local repeated = ARGV[1] ~= '' and redis.pcall('HGET', requests_key, ARGV[1])
if failed(repeated) then return refusal(repeated, requests_key, 'HGET') end
if repeated then
  local id = repeated .. '-0'
  local logged = redis.pcall('XRANGE', log_key, id, id)
  if failed(logged) then return refusal(logged, log_key, 'XRANGE') end
  if logged[1] then
    local fields = logged[1][2]
    return { 'repeated', fields[2], fields[4], fields[6] }
  end
end

-- The highest revision that the log ever held, those that were trimmed too; where we may not ask, the last that it holds.
local function last_logged()
  local info = redis.pcall('XINFO', 'STREAM', log_key)
  if not failed(info) then
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' then return string.match(info[i + 1], '^%d+') end
    end
  end
  local newest = redis.pcall('XREVRANGE', log_key, '+', '-', 'COUNT', 1)
  if failed(newest) then return nil, refusal(newest, log_key, 'XREVRANGE') end
  return newest[1] and string.match(newest[1][1], '^%d+') or '0'
end

local epoch, revision, hash = head[1], head[2], head[3]
if not epoch and not revision and not hash then
  -- A log without a head: its revisions are taken, so count on from there.
  local last, refused = last_logged()
  if refused then return refused end
  epoch, revision, hash = ARGV[3], last, ''
elseif not (epoch and revision and hash and hash ~= '' and #revision <= 15 and string.match(revision, '^%d+$')) then
  return { 'damaged', head_key }
end

local keys, entries, ops = {}, {}, {}
local changed_keys = {}
for i = 1, count do
  keys[i] = ARGV[9 + (i - 1) * 4]
  ops[i] = ARGV[10 + (i - 1) * 4]
  entries[i] = KEYS[first_entry + i - 1]
  if ops[i] ~= 'keep' then changed_keys[#changed_keys + 1] = keys[i] end
end

-- Rights that are missing half-way would leave half of it done. (Redis 7; older ones cannot be asked.)
if redis.acl_check_cmd then
  if not redis.acl_check_cmd('XADD', log_key, '*', 'f', 'v') then return { 'denied', 'XADD' } end
  if not redis.acl_check_cmd('HSET', index_key, 'f', 'v') then return { 'denied', 'HSET' } end
  if not redis.acl_check_cmd('HDEL', index_key, 'f') then return { 'denied', 'HDEL' } end
  if #changed_keys > 0 then
    if not redis.acl_check_cmd('MSET', entries[1], '') then return { 'denied', 'MSET' } end
    if not redis.acl_check_cmd('DEL', unpack(entries)) then return { 'denied', 'DEL' } end
  end
end

local indexed = redis.pcall('HMGET', index_key, unpack(keys))
if failed(indexed) then return refusal(indexed, index_key, 'HMGET') end

-- What the entries hold; false for nothing, and for what no value can be and is never looked at: no string, or too large.
-- With nothing but "keep" they are many: looked at part by part, so that Redis is not held up.
local old, is_passed_over, bytes = {}, {}, 0
for i = 1, count do
  local length = redis.pcall('STRLEN', entries[i])
  if failed(length) and (ops[i] ~= 'keep' or string.sub(length.err, 1, 9) ~= 'WRONGTYPE') then
    return refusal(length, entries[i], 'STRLEN')
  end
  is_passed_over[i] = failed(length) or length > max_value_bytes
  if not is_passed_over[i] then bytes = bytes + length end
  if #changed_keys == 0 and i > 1 and bytes > max_value_bytes / 2 then
    count = i - 1
    break
  end
  old[i] = not is_passed_over[i] and redis.call('GET', entries[i])
end

-- Where an entry is not what the index says, somebody wrote past us.
local out_of_band = {}
for i = 1, count do
  local held = old[i] and redis.sha1hex(old[i])
  local digest = indexed[i] and string.match(indexed[i], '^%d+ %d+ (%x+) ')
  local differs = held ~= digest
  -- What can be no value is no entry: it takes the place of one, or is nothing to us.
  if is_passed_over[i] then differs = indexed[i] end
  if differs then out_of_band[#out_of_band + 1] = i end
end

-- Such writes become a revision of their own, so a precondition from before them fails.
local adopted = #out_of_band > 0 and next_revision(revision) or revision
local conflict
if ARGV[2] ~= '' and ARGV[2] ~= adopted then conflict = { 'conflict', '', adopted } end
local is_out_of_band = {}
for _, i in ipairs(out_of_band) do is_out_of_band[i] = true end
for i = 1, count do
  if conflict then break end
  local expected = ARGV[12 + (i - 1) * 4]
  if expected ~= '' then
    local is_there = old[i] or is_passed_over[i]
    local current = '0'
    if is_there then
      -- Of what is passed over no revision is known, but that it is there by now.
      local is_indexed = indexed[i] and not is_out_of_band[i]
      current = is_indexed and string.match(indexed[i], '^%d+') or adopted
    end
    if expected ~= current or (is_there and expected == '0') then conflict = { 'conflict', keys[i], current } end
  end
end
if conflict then
  if #out_of_band == 0 then return conflict end
  -- What others wrote is recorded all the same: otherwise no reader could ever name the revision to retry with.
  changed_keys = {}
  for i = 1, count do ops[i] = 'keep' end
end

local time = redis.pcall('TIME')
if failed(time) then return refusal(time, '', 'TIME') end
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))

local function json_array(values)
  local texts = {}
  for i, value in ipairs(values) do texts[i] = value and cjson.encode(value) or 'null' end
  return '[' .. table.concat(texts, ',') .. ']'
end

-- Appends a record and moves (epoch, revision, hash) on; the head itself is written once, at the end.
local function append(body, previous)
  revision = next_revision(revision)
  local before = hash
  hash = redis.sha1hex(table.concat({ before, epoch, revision, now, body }, '\n'))
  local header = table.concat({ epoch, revision, now, before == '' and '-' or before, hash }, ' ')
  local added = redis.pcall('XADD', log_key, revision .. '-0', 'header', header, 'body', body, 'previous', previous)
  return header, failed(added) and added
end

-- Why nothing could be appended, and so nothing was written: others have put something in the log, or the head is older.
local function not_appended(reply)
  if string.find(reply.err, 'equal or smaller', 1, true) then return { 'log_ahead', head[2] or '0' } end
  return reply
end

local records = {}
local sets, index_sets, deletes, index_deletes = {}, {}, {}, {}

local function index(i, value, changed_by)
  index_sets[#index_sets + 1] = keys[i]
  index_sets[#index_sets + 1] = revision .. ' ' .. now .. ' ' .. redis.sha1hex(value) .. ' ' .. #value .. ' ' .. changed_by
end

if #out_of_band > 0 then
  local changes, unknown = {}, {}
  for n, i in ipairs(out_of_band) do
    changes[n] = '[' .. cjson.encode(keys[i]) .. ',' .. (old[i] and cjson.encode(old[i]) or 'null') .. ']'
    unknown[n] = false
  end
  local body = '{"by":null,"why":null,"request":null,"changes":[' .. table.concat(changes, ',') .. ']}'
  local record, failure = append(body, json_array(unknown))
  if failure then return not_appended(failure) end
  records[#records + 1] = { record, body }
  for _, i in ipairs(out_of_band) do
    -- The index of the others is written with their change.
    if ops[i] == 'keep' then
      if old[i] then index(i, old[i], '') else index_deletes[#index_deletes + 1] = keys[i] end
    end
  end
end

local header, previous
if #changed_keys > 0 then
  previous = json_array(old)
  local failure
  header, failure = append(ARGV[6], previous)
  if failure then return not_appended(failure) end
  records[#records + 1] = { header, ARGV[6] }
  for i = 1, count do
    local value = ARGV[11 + (i - 1) * 4]
    if ops[i] == 'delete' then
      deletes[#deletes + 1] = entries[i]
      index_deletes[#index_deletes + 1] = keys[i]
    elseif ops[i] == 'set' then
      sets[#sets + 1] = entries[i]
      sets[#sets + 1] = value
      index(i, value, ARGV[5])
    end
  end
end
if #records == 0 then return { 'adopted', count } end

if #sets > 0 then redis.call('MSET', unpack(sets)) end
if #deletes > 0 then redis.call('DEL', unpack(deletes)) end
if #index_sets > 0 then redis.call('HSET', index_key, unpack(index_sets)) end
if #index_deletes > 0 then redis.call('HDEL', index_key, unpack(index_deletes)) end
redis.call('HSET', head_key, 'epoch', epoch, 'revision', revision, 'hash', hash)
if ARGV[1] ~= '' and not conflict then redis.call('HSET', requests_key, ARGV[1], revision) end

if ARGV[4] == '1' then
  for _, record in ipairs(records) do redis.pcall('PUBLISH', ARGV[7], record[1] .. '\n' .. record[2]) end
  for _, key in ipairs(changed_keys) do redis.pcall('PUBLISH', ARGV[8], key) end
end

if conflict then return conflict end
if #changed_keys == 0 then return { 'adopted', count } end
return { 'committed', header, previous }
