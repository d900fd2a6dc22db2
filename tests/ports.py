"""A port for a server that is named before it is up, or that is down now and then."""

from backends.servers.process import free_ports


def free_port() -> int:
    """One that nobody is given meanwhile: of those for outgoing connections, a client may come to have it."""
    return free_ports(1)[0]
