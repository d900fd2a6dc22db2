"""What is measured, how, and the last figures. May import everything; nothing imports it.

run.py           `make bench`: the embedded engine; RESULTS.md
scale.py         part of it: how cost grows with the number of issues
kafka.py         `make bench-kafka`: the distributed engine; KAFKA.md
rates.py         part of it: how quickly events are worked on
delays.py        part of it: how long until a row, an alert, a hand-over
gateway.py       `make bench-gateway`: events over HTTP, on both engines; GATEWAY.md
alerts.py        `make bench-alerts`: many deadlines at once, until all have heard; ALERTS.md
dashboard.py     `make bench-dashboard`: from an event to a line that is shown; DASHBOARD.md
following.py     part of it: its readers and its sender
changes.py       how quickly changes are told to who follows
open311.py       what the index of issues by time costs
sealing.py       what sealing and forgetting cost
redis_states.py  what Redis is asked to do; RESULTS-redis.md
peers/           `make bench-peers`: other engines at a simple job; peers/RESULTS.md

measuring.py     the machine, a calibration, what a worker takes to catch up
hearing.py       subscribers as a process of their own
summaries.py     subscriptions told of very many alerts at once
offering.py      senders as processes of their own
stack.py         a broker, a Valkey, workers and servers of the bench's own
synthetic.py     made-up traffic of any size
"""
