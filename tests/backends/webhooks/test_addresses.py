"""Where a webhook may go, and that it goes there and nowhere else."""

import socket
from ipaddress import ip_address
from typing import Any

import anyio
import httpx
import pytest

from backends.webhooks import addresses
from backends.webhooks.addresses import Addresses, Forbidden, PinnedTransport
from tests.backends.webhooks.conftest import LOCAL, Receiver

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_no_address_of_a_network_of_ones_own_is_allowed(address: str) -> None:
    assert not Addresses().allows(ip_address(address))


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert Addresses().allows(ip_address(address))


def test_a_private_network_is_allowed_by_name_and_no_other() -> None:
    allowed = Addresses(["10.1.0.0/16", " fd00:1::/32"])
    assert allowed.allows(ip_address("10.1.2.3"))
    assert allowed.allows(ip_address("::ffff:10.1.2.3"))
    assert allowed.allows(ip_address("fd00:1::5"))
    assert not allowed.allows(ip_address("10.2.0.1"))
    with pytest.raises(ValueError, match=r"10\.1"):
        Addresses(["10.1"])


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("http://example.com/", "https"),
        ("ftp://example.com/", "https"),
        ("https:///x", "expected a URL"),
        ("https://", "expected a URL"),
        ("https://me:secret@example.com/", "user and password"),
        ("https://127.0.0.1/", "nothing is delivered to"),
        ("https://[::1]:8443/", "nothing is delivered to"),
        ("https://2130706433/", "nothing is delivered to"),
        ("https://localhost/", "nothing is delivered to"),
        ("https://no-such-host.invalid/", "leads nowhere"),
        ("https://example.com:port/", "expected a URL"),
    ],
)
def test_a_url_that_leads_nowhere_good_is_named_at_once(url: str, wrong: str) -> None:
    assert wrong in Addresses().objection(url)


def post(transport: PinnedTransport, url: str) -> httpx.Response:
    async def posting() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            return await client.post(url, content=b"{}")

    return anyio.run(posting)


def test_the_address_that_was_looked_at_is_the_one_connected_to(receiver: Receiver, monkeypatch: Any) -> None:
    port = receiver.url.rpartition(":")[2]
    asked: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **options: Any) -> Any:
        if host != "town.example":
            # An address is no name: nobody can answer otherwise for it.
            assert host[0].isdigit() or ":" in host
            return real(host, *rest, **options)
        asked.append(host)
        # Another answer the second time, as whoever owns the name could give.
        address = "127.0.0.1" if len(asked) == 1 else "127.66.66.66"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, int(port)))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert post(PinnedTransport(LOCAL), f"http://town.example:{port}/").status_code == 200
    assert asked == ["town.example"]
    assert receiver.got[0].headers["host"] == f"town.example:{port}"


def test_a_name_that_leads_to_a_forbidden_address_is_not_connected_to(
    receiver: Receiver, monkeypatch: Any
) -> None:
    port = receiver.url.rpartition(":")[2]
    monkeypatch.setattr(addresses, "_look_up", lambda *_: ["169.254.169.254", "127.0.0.1"])
    with pytest.raises(Forbidden, match="nothing is delivered to"):
        post(PinnedTransport(Addresses(http=True)), f"http://town.example:{port}/")
    assert receiver.got == []
    # Of several addresses those that may be reached are tried.
    assert post(PinnedTransport(LOCAL), f"http://town.example:{port}/").status_code == 200


def test_without_https_nothing_is_sent(receiver: Receiver) -> None:
    with pytest.raises(Forbidden, match="https"):
        post(PinnedTransport(Addresses(["127.0.0.0/8"])), receiver.url)
    assert receiver.got == []
