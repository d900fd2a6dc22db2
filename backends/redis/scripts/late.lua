return {moment(), cmsgpack.pack(redis.call('ZRANGEBYSCORE', base .. 'late', '(' .. ARGV[1], '+inf'))}
