"""What is said of an attempt that failed on the way, by the error that was raised."""

import ssl
from collections.abc import Iterator
from socket import gaierror

import httpx

from livelihood.causes import CERTIFICATE, CLOSED, FORBIDDEN, REFUSED, UNENCRYPTED, UNKNOWN_NAME, UNREACHED

_CLOSED = (ConnectionError, EOFError, httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


def said_of(error: BaseException, host: str) -> str:
    """Why, by what lies beneath it; never with a URL, whose path may be a secret."""
    beneath = list(_beneath(error))
    for one in beneath:
        if isinstance(one, ssl.SSLCertVerificationError):
            return CERTIFICATE.format(why=one.verify_message)
        if isinstance(one, ssl.SSLError):
            return UNENCRYPTED.format(why=one.reason or "TLS")
        if isinstance(one, gaierror):
            return UNKNOWN_NAME.format(host=host)
        if isinstance(one, ConnectionRefusedError):
            # Ours says so itself, and knows no number.
            return REFUSED if one.errno is not None else FORBIDDEN.format(host=host)
    for one in beneath:
        if isinstance(one, _CLOSED):
            return CLOSED
    errors = [one for one in beneath if isinstance(one, OSError) and one.strerror]
    return UNREACHED.format(why=errors[-1].strerror if errors else type(beneath[-1]).__name__)


def _beneath(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, whichever way the library keeps that."""
    found, seen = [error], {id(error)}
    while found:
        one = found.pop(0)
        yield one
        inner = (getattr(one, "reason", None), *one.args, one.__cause__, one.__context__)
        more = [each for each in inner if isinstance(each, BaseException) and id(each) not in seen]
        seen.update(map(id, more))
        found += more
