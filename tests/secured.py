"""A broker and a Valkey that ask who one is, with certificates of an authority made for the run.

The Valkey of the package speaks no TLS itself; as in many a data centre, a door in front of it does.
"""

import asyncio
import queue
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import pytest
import redis
import trustme
from cryptography.hazmat.primitives import serialization

from backends.servers.kafka import Kafka
from backends.servers.packages import java, kafka_jars, valkey
from backends.servers.process import HOST
from backends.servers.security import Secured
from backends.servers.valkey import User, Valkey
from livelihood.ports import Unavailable
from tests.patience import PATIENCE_SECONDS, until
from tests.servers import missing

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

DOCS = Path(__file__).resolve().parents[1] / "docs"
USERS = {user: f"{user}-secret" for user in ("administrator", "worker", "reader", "publisher", "subscriber")}


class Secure(NamedTuple):
    """Both servers, and how each user connects."""

    kafka: Kafka
    secured: Secured
    valkey: Valkey
    redis_port: int
    redis_users: dict[str, User]

    def grant(self, prefix: str) -> None:
        """Give the users the rights of docs/security-of-the-wire.md on topics and keys that begin so."""
        from confluent_kafka.admin import (
            AclBinding,
            AclBindingFilter,
            AclOperation,
            AclPermissionType,
            ResourcePatternType,
            ResourceType,
        )

        bindings = []
        for user, kind, name, operations in re.findall(
            r"^(\w+) +(topic|transactional_id|group) +(\S+) +(\w.*)$",
            (DOCS / "security-of-the-wire.md").read_text(),
            re.MULTILINE,
        ):
            pattern = ResourcePatternType.PREFIXED if name.endswith("*") else ResourcePatternType.LITERAL
            name = name.removesuffix("*").replace("livelihood", prefix)
            bindings += [
                AclBinding(
                    *(ResourceType[kind.upper()], name, pattern, f"User:{user}", "*"),
                    *(AclOperation[operation.upper()], AclPermissionType.ALLOW),
                )
                for operation in operations.split(", ")
            ]
        assert {binding.principal for binding in bindings} == {f"User:{user}" for user in USERS}
        administrator = self.admin("administrator")
        for future in administrator.create_acls(bindings).values():
            future.result(30)
        # The controller has them; the broker that asks for them follows.
        every = AclBindingFilter(
            *(ResourceType.ANY, None, ResourcePatternType.ANY, None, None),
            *(AclOperation.ANY, AclPermissionType.ANY),
        )
        with redis.Redis.from_url(self.valkey.url) as client:
            for user in self.redis_users.keys() - {"administrator"}:
                client.execute_command("ACL", "SETUSER", user, f"~{prefix}:*")
        until(lambda: set(bindings) <= set(administrator.describe_acls(every).result(30)))

    def admin(self, user: str) -> "AdminClient":
        """A client of the user."""
        from confluent_kafka.admin import AdminClient

        return AdminClient({"bootstrap.servers": self.kafka.address, **self.kafka_options(user)})

    def kafka_options(self, user: str) -> dict[str, str]:
        """Options of librdkafka, without the address."""
        return self.secured.client(user)

    def redis_url(self, user: str) -> str:
        """As rediss://worker:...@127.0.0.1:40123/0?ssl_ca_certs=..."""
        name, password, _ = self.redis_users[user]
        authority = quote(str(self.secured.authority))
        return (
            f"rediss://{name}:{quote(password, safe='')}@{HOST}:{self.redis_port}/0?ssl_ca_certs={authority}"
        )


@pytest.fixture(scope="session")
def secure_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """Kafka with SASL_SSL, SCRAM and no rights but the administrator's; Valkey with TLS and ACL users."""
    try:
        java(), kafka_jars(), valkey()
    except Unavailable as error:
        missing("Kafka and Valkey", error)
    folder = tmp_path_factory.mktemp("secure")
    secured = Secured(*_certificates(folder), USERS, "administrator")
    # As the page has them, with passwords whose characters a URL must escape.
    rules = re.findall(r"^ACL SETUSER (\w+) on >secret (.*)$", (DOCS / "redis.md").read_text(), re.MULTILINE)
    users = {name: User(name, f"{name}/s:e@cret", rule) for name, rule in rules}
    users = {"administrator": User("administrator", "a/s:e@cret", "~* &* +@all"), **users}
    kafka = Kafka(folder / "kafka", secured=secured)
    server = Valkey(folder / "valkey", users=list(users.values()))
    try:
        kafka.start()
        server.start()
        with tls_door(server.address, secured.certificate) as port:
            yield Secure(kafka, secured, server, port, users)
    finally:
        kafka.process.kill()
        server.process.kill()


def _certificates(folder: Path) -> tuple[Path, Path]:
    authority = trustme.CA()
    issued = authority.issue_cert(HOST)
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    # Kafka reads no other form of key.
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    server, trusted = folder / "server.pem", folder / "authority.pem"
    server.write_bytes(pem + b"".join(part.bytes() for part in issued.cert_chain_pems))
    trusted.write_bytes(authority.cert_pem.bytes())
    return server, trusted


@contextmanager
def tls_door(address: str, certificate: Path) -> Iterator[int]:
    """A port that takes TLS connections and passes them on to `address` in clear."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    host, _, port = address.partition(":")
    ready: queue.SimpleQueue[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = queue.SimpleQueue()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(1 << 16):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection(host, int(port))
        await asyncio.gather(carry(reader, behind[1]), carry(behind[0], writer))

    async def run() -> None:
        server = await asyncio.start_server(serve, HOST, 0, ssl=context)
        ended = asyncio.Event()
        ready.put((server.sockets[0].getsockname()[1], asyncio.get_running_loop(), ended))
        async with server:
            await ended.wait()

    thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
    thread.start()
    number, loop, ended = ready.get(timeout=PATIENCE_SECONDS)
    try:
        yield number
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE_SECONDS)
