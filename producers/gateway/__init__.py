"""The HTTP gateway: CloudEvents in structured, binary and batch mode, acknowledged once the log has them.

May import: livelihood, web, the rest of producers.
"""
