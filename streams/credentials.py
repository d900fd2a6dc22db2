"""Who Faust's own clients are: librdkafka's options, as the settings have them, in Faust's words."""

import ssl
from collections.abc import Mapping

from faust import SASLCredentials, SSLCredentials
from faust.types.auth import CredentialsT

from livelihood.ports import Unavailable

Option = str | int | float | bool


def credentials_of(options: Mapping[str, Option]) -> CredentialsT | None:
    """Of `security.protocol` and what belongs to it; None where nothing is encrypted and nobody asks.

    Unavailable for what Faust cannot do, and for files that are not there.
    """
    protocol = str(options.get("security.protocol", "PLAINTEXT")).upper()
    context = _context(options) if protocol in ("SSL", "SASL_SSL") else None
    match protocol:
        case "PLAINTEXT":
            return None
        case "SSL":
            return SSLCredentials(context)
        case "SASL_PLAINTEXT" | "SASL_SSL":
            mechanism = str(options.get("sasl.mechanism") or options.get("sasl.mechanisms") or "PLAIN")
            if mechanism == "PLAIN" or mechanism.startswith("SCRAM-"):
                return SASLCredentials(
                    username=str(options.get("sasl.username", "")),
                    password=str(options.get("sasl.password", "")),
                    ssl_context=context,
                    mechanism=mechanism,
                )
    raise Unavailable(
        "the setting `kafka_options`: a worker connects by security.protocol PLAINTEXT, SSL, SASL_PLAINTEXT"
        " or SASL_SSL, the last two by sasl.mechanism PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
    )


def _context(options: Mapping[str, Option]) -> ssl.SSLContext:
    authority, certificate, key, password = (
        str(options[name]) if name in options else None
        for name in ("ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.key.password")
    )
    try:
        context = ssl.create_default_context(cafile=authority)
        if certificate is not None:
            context.load_cert_chain(certificate, key, password)
    except OSError as error:
        raise Unavailable(f"the setting `kafka_options`: certificates cannot be read: {error}") from None
    return context
