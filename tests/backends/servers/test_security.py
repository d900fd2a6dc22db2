"""Both servers with encrypted connections, users and rights; and the engine on them as docs/ says."""

import pytest
import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.secured import Secure

FORBIDDEN = [("SET", "other", "1"), ("FLUSHALL",), ("CONFIG", "SET", "appendonly", "no"), ("KEYS", "*")]


def list_topics(secure: Secure, **options: str) -> None:
    AdminClient({"bootstrap.servers": secure.kafka.address, "log_level": 0, **options}).list_topics(timeout=2)


def test_valkey_lets_in_who_knows_the_password_to_what_the_user_may_do(secure_servers: Secure) -> None:
    url = secure_servers.redis_url("worker")
    with redis.Redis.from_url(url) as client:
        client.set("livelihood:{0}:x", "1")
        assert client.get("livelihood:{0}:x") == b"1"
        for command in FORBIDDEN:
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command)
    with (
        redis.Redis.from_url(url.replace("worker%2F", "wrong")) as client,
        pytest.raises(redis.exceptions.AuthenticationError),
    ):
        client.ping()


def test_a_server_of_another_authority_is_not_talked_to(secure_servers: Secure) -> None:
    url, _, _ = secure_servers.redis_url("worker").partition("?")
    with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError, match="certificate"):
        client.ping()
    options = secure_servers.kafka_options("worker")
    list_topics(secure_servers, **options)
    del options["ssl.ca.location"]
    with pytest.raises(KafkaException):
        list_topics(secure_servers, **options)


def test_a_wrong_password_is_refused_by_the_broker(secure_servers: Secure) -> None:
    options = secure_servers.kafka_options("worker") | {"sasl.password": "wrong"}
    with pytest.raises(KafkaException):
        list_topics(secure_servers, **options)
