return {whole_hash(base .. 'a:' .. ARGV[1])}
