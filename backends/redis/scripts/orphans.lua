return {moment(), redis.call('ZRANGE', base .. 'orphans', 0, tonumber(ARGV[1]) - 1, 'WITHSCORES')}
