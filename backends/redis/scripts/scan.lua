-- From a bucket on, its states and the stubs of those that have none here, until there are so many.
local bucket, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local issues, states, cold = {}, {}, {}
while bucket < 256 and #issues < most do
  local name = string.format('%02x', bucket)
  local here = {}
  local all = redis.call('HGETALL', state_key(name))
  for i = 1, #all, 2 do
    here[all[i]] = true
    issues[#issues + 1] = all[i]
    states[#issues] = all[i + 1]
  end
  all = redis.call('HGETALL', stub_key(name))
  for i = 1, #all, 2 do
    if not here[all[i]] then
      cold[#cold + 1] = #issues
      cold[#cold + 1] = tonumber(all[i + 1])
      issues[#issues + 1] = all[i]
    end
  end
  bucket = bucket + 1
end
local sizes, blob = framed(states, #issues)
return {bucket, cmsgpack.pack(issues), sizes, blob, cmsgpack.pack(cold)}
