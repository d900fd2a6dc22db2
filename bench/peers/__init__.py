"""One simple job done by other engines and by ours, on one broker in one run; the figures are in RESULTS.md.

    job.py        the job: its events, and the oracle's answer
    parts.py      what the others need: jars, compiled classes, an environment of their own
    contenders.py who takes part and how each is started
    simple.py     the job as a processor, in the place of the one that knows commitments
    ours.py       the same job under our worker, log and store
    run.py        `make bench-peers`
    java/, python/  the others' programs

May import everything; nothing imports it.
"""
