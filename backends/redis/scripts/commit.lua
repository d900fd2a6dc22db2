-- Everything is looked at before anything is written: a script that fails half-way leaves its first half.
local plan, blob = cmsgpack.unpack(ARGV[1]), ARGV[2]
local sizes = plan.sizes

local held = redis.call('HMGET', meta, 'epoch', 'sequence', 'committed', 'next_offset', 'movements', 'outbox')
local epoch, sequence, committed = tonumber(held[1]), tonumber(held[2] or 0), tonumber(held[3])
local next_offset, moved, numbered = tonumber(held[4] or 0), tonumber(held[5] or 0), tonumber(held[6] or 0)
if plan.epoch == epoch and plan.sequence == sequence and committed == epoch then
  return {'already applied'}
end
if plan.epoch ~= epoch or plan.sequence ~= sequence + 1 then
  -- Data that are lost have no epoch, and nil would end the answer.
  return {'fenced', sequence, epoch or 0}
end
if plan.next_offset < next_offset then
  return {'backwards', next_offset}
end
for _, member in ipairs(plan.held) do
  local issue, bucket = issue_of(member), bucket_of(member)
  if redis.call('HEXISTS', state_key(bucket), issue) + redis.call('HEXISTS', stub_key(bucket), issue) == 0 then
    return {'stateless', issue}
  end
end
local total = 0
for _, size in ipairs(sizes) do
  total = total + size
end
if total ~= #blob then
  return {'torn', total, #blob}
end

local number, at = 0, 1
local function next_value()
  number = number + 1
  local from = at
  at = at + sizes[number]
  return string.sub(blob, from, at - 1)
end

local function in_parts(command, key, arguments)
  for first = 1, #arguments, MOST do
    redis.call(command, key, unpack(arguments, first, math.min(first + MOST - 1, #arguments)))
  end
end

-- Where an issue has a state, a stub that is left from before means nothing.
for _, bucket in ipairs(plan.states) do
  local fields = {}
  for i, issue in ipairs(bucket[2]) do
    fields[2 * i - 1], fields[2 * i] = issue, next_value()
  end
  in_parts('HSET', state_key(bucket[1]), fields)
end
for _, bucket in ipairs(plan.cold) do
  in_parts('HSET', stub_key(bucket[1]), bucket[3])
  in_parts('HDEL', state_key(bucket[1]), bucket[2])
end

-- An issue has one timer: whoever gets one by a clock loses that by another.
for _, clock in ipairs(redis.call('SMEMBERS', base .. 'clocks')) do
  local key = base .. 't:' .. clock
  in_parts('ZREM', key, plan.stopped)
  for _, of_clock in ipairs(plan.timers) do
    if of_clock[1] ~= clock then
      in_parts('ZREM', key, of_clock[2])
    end
  end
  if redis.call('EXISTS', key) == 0 then
    redis.call('SREM', base .. 'clocks', clock)
  end
end

local function put_scores(key, members, scores)
  local pairs_ = {}
  for i, member in ipairs(members) do
    pairs_[2 * i - 1], pairs_[2 * i] = scores[i], member
  end
  in_parts('ZADD', key, pairs_)
end
for _, of_clock in ipairs(plan.timers) do
  redis.call('SADD', base .. 'clocks', of_clock[1])
  put_scores(base .. 't:' .. of_clock[1], of_clock[2], of_clock[3])
end
put_scores(base .. 'late', plan.late[1], plan.late[2])
put_scores(base .. 'orphans', plan.orphans[1], plan.orphans[2])
in_parts('ZREM', base .. 'orphans', plan.found)

for _, place in ipairs(plan.archive) do
  redis.call('HSET', base .. 'a:' .. place[1], place[2], next_value())
end
for _, name in ipairs({'dimensions', 'shapes', 'rows'}) do
  local fields = {}
  for _, field in ipairs(plan[name]) do
    fields[#fields + 1] = field
    fields[#fields + 1] = next_value()
  end
  in_parts('HSET', base .. name, fields)
end

-- A number's issues, a line each, in order.
for _, change in ipairs(plan.numbers) do
  local issues, seen = {}, {}
  for _, gone in ipairs(change[3]) do
    seen[gone] = true
  end
  local function keep(issue)
    if not seen[issue] then
      seen[issue] = true
      issues[#issues + 1] = issue
    end
  end
  for issue in string.gmatch(redis.call('HGET', base .. 'numbers', change[1]) or '', '[^\n]+') do
    keep(issue)
  end
  for _, issue in ipairs(change[2]) do
    keep(issue)
  end
  table.sort(issues)
  if #issues > 0 then
    redis.call('HSET', base .. 'numbers', change[1], table.concat(issues, '\n'))
  else
    redis.call('HDEL', base .. 'numbers', change[1])
  end
end

local leaving = {}
for i = 1, plan.leaving do
  leaving[i] = next_value()
end
in_parts('RPUSH', base .. 'outbox', leaving)

-- Pages of one size, so that where the bytes end is where the next go. A full one is written whole, which
-- gives back what a string that grows keeps in reserve.
local movements = ARGV[3]
local done = 0
while done < #movements do
  local used = moved % plan.page
  local key = base .. 'm:' .. string.format('%.0f', (moved - used) / plan.page)
  local part = string.sub(movements, done + 1, done + plan.page - used)
  if used + #part == plan.page then
    redis.call('SET', key, (used > 0 and redis.call('GET', key) or '') .. part)
  else
    redis.call('APPEND', key, part)
  end
  moved = moved + #part
  done = done + #part
end

redis.call('HSET', meta, 'sequence', plan.sequence, 'committed', plan.epoch, 'next_offset', plan.next_offset,
  'movements', moved, 'outbox', numbered + plan.leaving, 'ledger', ARGV[4])
return {'applied'}
