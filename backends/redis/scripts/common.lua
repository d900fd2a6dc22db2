-- What every script begins with. The one key it is given is the partition's `meta`; all others are named
-- after that, under the same hash tag, so that all of them are on one node of a cluster.
local meta = KEYS[1]
local base = string.sub(meta, 1, -5)

-- While a cluster moves a partition's slot key by key, a node would write some keys of a commit and refuse
-- others, and read as missing what is still elsewhere. Two keys of which one is nowhere show it.
if type(redis.pcall('EXISTS', meta, base .. 'nothing')) ~= 'number' then
  return redis.error_reply('TRYAGAIN the slot of ' .. base .. ' is being moved')
end

-- The most arguments of one call, below the limit of Lua's stack; even, for pairs.
local MOST = 7000

-- A member stands for an issue: two digits of its hash, which name the buckets it is in, then its id.
local function bucket_of(member) return string.sub(member, 1, 2) end
local function issue_of(member) return string.sub(member, 3) end
local function state_key(bucket) return base .. 's:' .. bucket end
local function stub_key(bucket) return base .. 'c:' .. bucket end
