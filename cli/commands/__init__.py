"""The commands of `livelihood`: one module for each group, its arguments, help and what it calls.

Only typer and the shared options are imported at the top of a module here, everything else where it is
used, so that `livelihood --help` and shell completion answer at once.

May import: every package.
"""
