-- Become the owner. A server that was started anew, or another one, may have lost the last commits; unless
-- it cannot have (ARGV[2]), the data are born again, so that nobody trusts the outbox's numbers.
local layout = redis.call('HGET', meta, 'layout')
if layout and layout ~= ARGV[3] then
  return redis.status_reply(layout)
end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local held, born = unpack(redis.call('HMGET', meta, 'run', 'born'))
if not born or (run ~= held and ARGV[2] == '0') then
  redis.call('HSET', meta, 'born', ARGV[1], 'layout', ARGV[3])
end
redis.call('HSET', meta, 'run', run)
redis.call('HINCRBY', meta, 'epoch', 1)
return redis.call('HMGET', meta, 'epoch', 'sequence', 'next_offset', 'born', 'ledger')
