"""What is measured, how, and the last figures. May import everything; nothing imports it.

run.py           `make bench`: the embedded engine; RESULTS.md
kafka.py         `make bench-kafka`: the distributed engine; KAFKA.md
peers/           `make bench-peers`: other engines at a simple job; peers/RESULTS.md
redis_states.py  what Redis is asked to do; RESULTS-redis.md
"""
