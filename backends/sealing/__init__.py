"""Personal data sealed for one person each, and made unreadable by deleting that person's key.

Every person has a random key of their own. It lies in a vault, wrapped by the master key, which lies in
neither the vault nor the data: whoever has only one or two of the three reads nothing. docs/personal-data.md
says what is kept where.

    master_keys.py   the master key and those before it; wraps and unwraps
    fields.py        what may be said of a person, and what tells one from another
    people.py        whose key it is: people are told by keyed hashes of their identifiers
    sealer.py        seals and opens
    forgetting.py    forgets people, and honours the list of the forgotten where a vault was restored

May import: livelihood, cryptography. Must not import: other backends.
"""
