return redis.call('HMGET', meta, 'epoch', 'sequence', 'next_offset', 'born', 'ledger', 'movements')
