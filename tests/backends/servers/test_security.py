"""Both servers with encrypted connections, users and rights; and the engine on them as docs/ says."""

import pytest
import redis
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from tests.patience import PATIENCE_SECONDS
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


def produce(secure: Secure, user: str, topic: str, transaction: str = "") -> KafkaError | None:
    options: dict[str, str | int | float | bool] = {"acks": "all", "log_level": 0, "message.timeout.ms": 5000}
    options |= {"bootstrap.servers": secure.kafka.address, **secure.kafka_options(user)}
    if transaction:
        options["transactional.id"] = transaction
    producer = Producer(options)
    answers: list[KafkaError | None] = []
    if transaction:
        producer.init_transactions(10)
        producer.begin_transaction()
    producer.produce(topic, b"{}", b"H-1", on_delivery=lambda error, _: answers.append(error))
    producer.flush(PATIENCE_SECONDS)
    if transaction:
        producer.commit_transaction(10)
    return answers[0]


def test_a_worker_tells_alerts_but_makes_no_facts(secure_servers: Secure) -> None:
    administrator = secure_servers.admin("administrator")
    topics = ["wire.requests", "wire.alerts"]
    for future in administrator.create_topics([NewTopic(topic, 1, 1) for topic in topics]).values():
        future.result(30)
    secure_servers.grant("wire")
    assert produce(secure_servers, "worker", "wire.alerts", "wire.outlet.0") is None
    assert produce(secure_servers, "publisher", "wire.requests") is None
    refused = produce(secure_servers, "worker", "wire.requests")
    assert refused is not None
    assert refused.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    with pytest.raises(KafkaException, match="Transactional Id authorization failed"):
        produce(secure_servers, "worker", "wire.alerts", "wire.run.an-import")
    assert produce(secure_servers, "subscriber", "wire.alerts") is not None
