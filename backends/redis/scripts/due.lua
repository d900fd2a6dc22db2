-- Of a clock, up to an instant, so many.
local due = redis.call('ZRANGEBYSCORE', base .. 't:' .. ARGV[1], '-inf', ARGV[2], 'LIMIT', 0, ARGV[3])
return {cmsgpack.pack(due), states_of(due)}
