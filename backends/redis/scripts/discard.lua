-- Remove everything of the partition, at once: a part of it would be taken for all there is. The epoch
-- stays, and is raised: who still has the partition is refused, however far the next one comes.
local epoch = redis.call('HGET', meta, 'epoch')
local removed, cursor = 0, '0'
repeat
  local found = redis.call('SCAN', cursor, 'MATCH', base .. '*', 'COUNT', MOST)
  cursor = found[1]
  for _, key in ipairs(found[2]) do
    removed = removed + redis.call('UNLINK', key)
  end
until cursor == '0'
if epoch then
  redis.call('HSET', meta, 'epoch', epoch + 1)
end
return removed
