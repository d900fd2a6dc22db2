"""Where keys, accounts and what opens personal data are kept, apart from the data.

Whatever keeps them: a value is durable once a call returns, and after `scrub` nothing of what was removed is
in a file of the store any more. One conformance suite holds all of them to that.

    sqlite_vault.py   one file in a folder of its own

May import: livelihood, redis. Must not import: other backends.
"""
