-- Answers are few strings of many values each: a client takes them apart faster than it reads many.

-- Values as two strings: their sizes plus one, 32 bits each, a missing one's 0; and all of them.
local function framed(values, count)
  local sizes, present = {}, {}
  for i = 1, count do
    local value = values[i]
    if value then
      sizes[i] = #value + 1
      present[#present + 1] = value
    else
      sizes[i] = 0
    end
  end
  local packed = {}
  for first = 1, count, MOST do
    local last = math.min(first + MOST - 1, count)
    packed[#packed + 1] = struct.pack('<' .. string.rep('I4', last - first + 1), unpack(sizes, first, last))
  end
  return table.concat(packed), table.concat(present)
end

-- The states of members, framed; of those whose state is cold, {number, place, number, place, ...}.
local function states_of(members)
  local buckets = {}
  for i, member in ipairs(members) do
    local key = state_key(member)
    local bucket = buckets[key]
    if not bucket then
      bucket = {issues = {}, numbers = {}}
      buckets[key] = bucket
    end
    bucket.issues[#bucket.issues + 1] = issue_of(member)
    bucket.numbers[#bucket.numbers + 1] = i
  end
  local states, cold = {}, {}
  for key, bucket in pairs(buckets) do
    for first = 1, #bucket.issues, MOST do
      local last = math.min(first + MOST - 1, #bucket.issues)
      local found = redis.call('HMGET', key, unpack(bucket.issues, first, last))
      for j, state in ipairs(found) do
        states[bucket.numbers[first + j - 1]] = state
      end
    end
  end
  for i, member in ipairs(members) do
    if not states[i] then
      local place = redis.call('HGET', stub_key(member), issue_of(member))
      if place then
        cold[#cold + 1] = i - 1
        cold[#cold + 1] = tonumber(place)
      end
    end
  end
  local sizes, blob = framed(states, #members)
  return sizes, blob, cmsgpack.pack(cold)
end

-- The fields and values of a hash, the values framed.
local function whole_hash(key)
  local all = redis.call('HGETALL', key)
  local fields, values = {}, {}
  for i = 1, #all, 2 do
    fields[#fields + 1] = all[i]
    values[#values + 1] = all[i + 1]
  end
  local sizes, blob = framed(values, #values)
  return cmsgpack.pack(fields), sizes, blob
end
