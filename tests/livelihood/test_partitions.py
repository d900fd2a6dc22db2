"""An issue's partition is the one Kafka's producers choose, whichever client they use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livelihood.partitions import partition_of

# kafka-python reads its own files in a way that Python 3.11 and 3.12 advise against.
pytestmark = pytest.mark.filterwarnings(r"ignore:(read|open)_text is deprecated:DeprecationWarning")
KEYS = st.one_of(st.text(), st.text("ab~-0123456789", min_size=1), st.text("市民热线é🚲", min_size=1))


@pytest.mark.parametrize(
    ("key", "hashed"),
    # Vectors of Kafka's own test of murmur2 (UtilsTest), as unsigned numbers of 32 bits.
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_keys_are_hashed_as_kafka_hashes_them(key: str, hashed: int) -> None:
    partitions = 1_000_003
    assert partition_of(key, partitions) == (hashed & 0x7FFFFFFF) % partitions


@given(key=KEYS, partitions=st.integers(1, 10_000))
def test_any_key_is_hashed_as_the_clients_in_python_hash_it(key: str, partitions: int) -> None:
    from aiokafka.partitioner import murmur2 as by_aiokafka
    from kafka.partitioner import murmur2 as by_kafka_python

    hashes = {by_aiokafka(key.encode()), by_kafka_python(key.encode())}
    assert {(hashed & 0x7FFFFFFF) % partitions for hashed in hashes} == {partition_of(key, partitions)}
