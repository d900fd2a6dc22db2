-- Those asked for, or all.
if ARGV[1] == '' then
  return {moment(), whole_hash(base .. 'rows')}
end
local fields, values = cmsgpack.unpack(ARGV[1]), {}
for i, field in ipairs(fields) do
  values[i] = redis.call('HGET', base .. 'rows', field)
end
return {moment(), ARGV[1], framed(values, #fields)}
