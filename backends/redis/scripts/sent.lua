-- Remove what waits up to and with a number; of an earlier number nothing is left.
local last = tonumber(redis.call('HGET', meta, 'outbox') or 0)
local gone = tonumber(ARGV[1]) - (last - redis.call('LLEN', base .. 'outbox'))
if gone > 0 then
  redis.call('LTRIM', base .. 'outbox', gone, -1)
end
