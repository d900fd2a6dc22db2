-- By whatever clock; an issue has one.
local found = {}
for _, clock in ipairs(redis.call('SMEMBERS', base .. 'clocks')) do
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', base .. 't:' .. clock, '-inf', ARGV[1])) do
    found[#found + 1] = member
  end
end
return {moment(), cmsgpack.pack(found)}
