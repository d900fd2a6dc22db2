"""Faust's clients connect as the settings say, as librdkafka's do."""

import ssl
from pathlib import Path

import faust
import pytest

from livelihood.ports import Unavailable
from streams.credentials import credentials_of


def test_nothing_is_encrypted_unless_asked() -> None:
    assert credentials_of({}) is None
    assert credentials_of({"security.protocol": "plaintext"}) is None


def test_what_faust_cannot_do_is_said() -> None:
    with pytest.raises(Unavailable, match=r"SCRAM-SHA-512"):
        credentials_of({"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI"})


def test_an_authority_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="certificates cannot be read"):
        credentials_of({"security.protocol": "SSL", "ssl.ca.location": str(tmp_path / "none.pem")})


def test_certificates_are_checked_and_users_say_who_they_are() -> None:
    credentials = credentials_of(
        {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "worker",
            "sasl.password": "a secret",
        }
    )
    assert isinstance(credentials, faust.SASLCredentials)
    assert (credentials.username, credentials.password) == ("worker", "a secret")
    assert credentials.mechanism.value == "SCRAM-SHA-512"
    assert credentials.ssl_context is not None
    assert credentials.ssl_context.verify_mode == ssl.CERT_REQUIRED
    assert credentials.ssl_context.check_hostname
