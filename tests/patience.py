"""How long a test waits for what must come at all.

No test says how quickly something comes: the machine may have much else to do. This only ends one that
would wait for ever, before pytest's own limit does, so that it can say what was missing.
"""

PATIENCE_SECONDS = 150.0
