"""Which addresses may be connected to, and a transport that connects to no others.

A name is looked up once, here, and the connection goes to the very address that was looked at: whoever owns
the name cannot have it lead elsewhere in between.
"""

import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import anyio
import anyio.to_thread
import httpx

from livelihood.causes import CREDENTIALS, FORBIDDEN, HTTPS, NO_URL, UNKNOWN_NAME

Address = IPv4Address | IPv6Address

#: IPv6 addresses that stand for an IPv4 one, which is then what counts.
_NAT64 = IPv6Network("64:ff9b::/96")


class Forbidden(httpx.ConnectError):
    """The URL leads to where nothing may be delivered."""


class Addresses:
    """What may be reached."""

    def __init__(self, networks: Iterable[str] = (), *, http: bool = False) -> None:
        """`networks` are allowed though they are private; `http`: without encryption too. ValueError."""
        #: As they were given.
        self.networks = [network.strip() for network in networks if network.strip()]
        self.http = http
        self._allowed = [ip_network(network) for network in self.networks]

    def objection(self, url: str) -> str:
        """What is wrong with a URL, and what was expected; empty: nothing. Looks its name up: it blocks."""
        try:
            parsed = httpx.URL(url)
            # A port that is none is found out only here.
            host, port = parsed.host, parsed.port
        except (httpx.InvalidURL, ValueError):
            return NO_URL
        if wrong := self._wrong(parsed):
            return wrong
        try:
            found = _look_up(host, port or 443)
        except OSError:
            return UNKNOWN_NAME.format(host=host)
        if not any(self.allows(ip_address(address)) for address in found):
            return FORBIDDEN.format(host=host)
        return ""

    def _wrong(self, url: httpx.URL) -> str:
        if url.scheme != "https" and not (url.scheme == "http" and self.http):
            return HTTPS
        if not url.host:
            return NO_URL
        if url.userinfo:
            return CREDENTIALS
        return ""

    def allows(self, address: Address) -> bool:
        """Whether it may be connected to: any public one, and those of the networks allowed."""
        meant = _meant(address)
        if any(one in network for one in (address, meant) for network in self._allowed):
            return True
        # Also of what wraps another: 6to4 and Teredo lead to any address they like.
        return meant.is_global and not meant.is_multicast and not _wraps(address)


def _meant(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _wraps(address: Address) -> bool:
    return isinstance(address, IPv6Address) and (address.sixtofour or address.teredo) is not None


def _look_up(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A zone, as of fe80::1%eth0, says by which interface, and never leads outside.
    return list(dict.fromkeys(str(address[0]).partition("%")[0] for *_, address in found))


class PinnedTransport(httpx.AsyncBaseTransport):
    """Looks the host up, checks what it finds, and connects to just that; a connection for each request.

    Connections are not kept: one is made for a name, and would be used for another at the same address.
    """

    def __init__(self, addresses: Addresses, **options: Any) -> None:
        """`options` as of httpx.AsyncHTTPTransport."""
        self._addresses = addresses
        limits = httpx.Limits(max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(limits=limits, trust_env=False, **options)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request. Forbidden, ConnectError and what else httpx raises."""
        url = request.url
        if wrong := self._addresses._wrong(url):
            raise Forbidden(wrong)
        try:
            found = await anyio.to_thread.run_sync(
                _look_up, url.host, url.port or 443, abandon_on_cancel=True
            )
        except OSError as error:
            raise httpx.ConnectError(UNKNOWN_NAME.format(host=url.host)) from error
        allowed = [address for address in found if self._addresses.allows(ip_address(address))]
        if not allowed:
            raise Forbidden(FORBIDDEN.format(host=url.host))
        for number, address in enumerate(allowed, 1):
            pinned = httpx.Request(
                request.method,
                url.copy_with(host=address),
                # The name stays in the Host header, and is what the certificate must be for.
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": url.host},
            )
            try:
                return await self._transport.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if number == len(allowed):
                    raise
        raise AssertionError("no address was tried")

    async def aclose(self) -> None:
        """Close what is open."""
        await self._transport.aclose()
