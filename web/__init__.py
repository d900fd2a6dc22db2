"""What the pages of producers and consumers share: shell, styles, scripts, translations, sign-in.

May import: livelihood.
Must not import: backends, streams, producers, consumers, cli.
"""
