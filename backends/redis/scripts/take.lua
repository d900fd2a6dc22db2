-- Become the owner. A server that was started anew, or that took another's place, may have lost the last
-- commits. Unless it cannot have, syncing always (ARGV[2]) and being alone, the data are born again, so that
-- nobody trusts the outbox's numbers.
local layout = redis.call('HGET', meta, 'layout')
if layout and layout ~= ARGV[3] then
  return redis.status_reply(layout)
end
local info = redis.call('INFO', 'server') .. redis.call('INFO', 'replication')
local run = string.match(info, 'run_id:(%w+)')
local alone = string.find(info, 'role:master') and string.find(info, 'connected_slaves:0')
  and string.find(info, 'master_replid2:0+%s')
local held, born = unpack(redis.call('HMGET', meta, 'run', 'born'))
if not born or (run ~= held and not (alone and ARGV[2] == '1')) then
  redis.call('HSET', meta, 'born', ARGV[1], 'layout', ARGV[3])
end
redis.call('HSET', meta, 'run', run)
redis.call('HINCRBY', meta, 'epoch', 1)
return redis.call('HMGET', meta, 'epoch', 'sequence', 'next_offset', 'born', 'ledger')
