"""The command line, and the one place that wires ports to backends.

Nothing connects, opens a file or reads a clock when a module is imported; the commands here build
the parts and pass them down.

May import: every package. Imported by: none, except that streams/app.py (where Faust's own command
line enters) may ask it for its parts at start.
"""
