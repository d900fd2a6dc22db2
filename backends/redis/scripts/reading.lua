-- Answers are few strings of many values each: a client takes them apart faster than it reads many.

-- Of which data and which commit this is: a reader tells by it whether two answers fit together.
local function moment()
  local held = redis.call('HMGET', meta, 'born', 'sequence')
  return (held[1] or '') .. ' ' .. (held[2] or '0')
end

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

-- Of what is at `places` in a list of issues, the field in a hash: found(place, value) for each there is.
local function look_up(key, issues, places, found)
  for first = 1, #issues, MOST do
    local last = math.min(first + MOST - 1, #issues)
    for i, value in ipairs(redis.call('HMGET', key, unpack(issues, first, last))) do
      if value then
        found(places[first + i - 1], value)
      end
    end
  end
end

-- The states of members, framed; of those whose state is cold, {number, place, number, place, ...}.
local function states_of(members)
  local buckets = {}
  for i, member in ipairs(members) do
    local name = bucket_of(member)
    local bucket = buckets[name]
    if not bucket then
      bucket = {issues = {}, places = {}}
      buckets[name] = bucket
    end
    bucket.issues[#bucket.issues + 1] = issue_of(member)
    bucket.places[#bucket.places + 1] = i
  end
  local states, cold = {}, {}
  for name, bucket in pairs(buckets) do
    look_up(state_key(name), bucket.issues, bucket.places, function(i, state) states[i] = state end)
    local issues, places = {}, {}
    for j, i in ipairs(bucket.places) do
      if not states[i] then
        issues[#issues + 1] = bucket.issues[j]
        places[#places + 1] = i
      end
    end
    look_up(stub_key(name), issues, places, function(i, place)
      cold[#cold + 1] = i - 1
      cold[#cold + 1] = tonumber(place)
    end)
  end
  local sizes, blob = framed(states, #members)
  return sizes, blob, cmsgpack.pack(cold)
end
