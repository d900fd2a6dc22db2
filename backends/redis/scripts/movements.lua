-- From a page, between two bytes, the last one too.
return {moment(), redis.call('GETRANGE', base .. 'm:' .. ARGV[1], ARGV[2], ARGV[3])}
