"""The subscriptions there are, each with its endpoint."""

import pytest

from tests.consumers.subscriptions.towns import kept, subscription


@pytest.mark.parametrize(
    ("url", "is_webhook"),
    [
        ("https://town.example/x", True),
        ("HTTPS://town.example/x", True),
        ("http://10.1.2.3/x", True),
        ("mailto:wang@town.example", False),
        ("wecombot://KEY", False),
        ("log:", False),
    ],
)
def test_what_is_signed_is_known_by_its_url_however_that_is_written(url: str, is_webhook: bool) -> None:
    one = kept(subscription())
    one = one._replace(endpoint=one.endpoint.model_copy(update={"url": url}))
    assert one.is_webhook == is_webhook
