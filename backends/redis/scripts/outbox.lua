-- The number of the first that waits, how many there are here, and these, packed one after the other.
local waiting = redis.call('LRANGE', base .. 'outbox', 0, tonumber(ARGV[1]) - 1)
local last = tonumber(redis.call('HGET', meta, 'outbox') or 0)
return {last - redis.call('LLEN', base .. 'outbox') + 1, #waiting, table.concat(waiting)}
