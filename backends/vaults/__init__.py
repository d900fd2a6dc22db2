"""Where keys, accounts and what opens personal data are kept, apart from the data.

Whatever keeps them: a value is durable once a call returns, and after `scrub` nothing of what was removed is
in a file of the store any more. One conformance suite holds all of them to that.

    sqlite_vault.py    one file in a folder of its own
    redis_vault.py     a Redis or Valkey of its own, never the one with the states
    forgotten_file.py  the list of who was forgotten, beside the embedded engine's log

May import: livelihood, redis. Must not import: other backends.
"""
