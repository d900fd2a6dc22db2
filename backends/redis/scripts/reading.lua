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
  local states, cold = {}, {}
  for i, member in ipairs(members) do
    local issue = issue_of(member)
    local state = redis.call('HGET', state_key(member), issue)
    if not state then
      local place = redis.call('HGET', stub_key(member), issue)
      if place then
        cold[#cold + 1] = i - 1
        cold[#cold + 1] = tonumber(place)
      end
    end
    states[i] = state
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
