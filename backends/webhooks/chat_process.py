"""Sends one message by Apprise, in a process of its own; asks of one URL whether Apprise knows it.

Apprise reaches a hundred and more services, by URLs that supervisors write. So it works where it can do no
harm: nothing it connects to is out of sight here, no redirect is followed, no certificate is left unchecked,
an answer is read only so far, and the process is ended when it takes too long. It is given what to do as JSON
on its standard input, so that no token stands in a list of processes, and answers with JSON.
"""

import json
import sys
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
from apprise import Apprise, AppriseAsset
from apprise.common import NotifyFormat

from backends.webhooks.addresses import Addresses
from backends.webhooks.failures import said_of
from livelihood.causes import HTTPS, LOCAL_SERVICE, NO_SERVICE, NOT_IN_TIME

#: So much of an answer is read.
ANSWER_BYTES = 16 * 1024
#: Speak to whoever sits at this machine.
LOCAL = frozenset({"dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"})
#: Scheme -> where in its JSON a service that answers 200 to everything says that it took the message, by 0.
CODES = {"wecombot": ("errcode",), "dingtalk": ("errcode",), "feishu": ("code", "StatusCode")}
#: Under one of these it says why.
_REASONS = ("errmsg", "msg", "message", "description", "error")
#: Apprise writes a signature for DingTalk in the code of URLs twice; once is what DingTalk reads.
_SIGNED = "/robot/send?access_token="
_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_FORBIDDEN = frozenset(
    {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile"}
)


def watch(addresses: Addresses) -> None:
    """From now on nothing of this process connects to what may not be reached, or starts another."""

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FORBIDDEN:
            raise PermissionError(f"{event} is not allowed here")
        if event in _CONNECTING and not _may_reach(addresses, arguments[1]):
            raise ConnectionRefusedError("on a network that nothing is delivered to")

    sys.addaudithook(look)


def _may_reach(addresses: Addresses, place: Any) -> bool:
    # Of what has been looked up already, or else of nothing: a name could be another address when it is used.
    try:
        return addresses.allows(ip_address(str(place[0]).partition("%")[0]))
    except (ValueError, TypeError, IndexError):
        return False


class Answers:
    """Stands between Apprise's services and the wire, and notes why one did not take a message."""

    def __init__(self, scheme: str, *, http: bool) -> None:
        self._codes = CODES.get(scheme, ())
        self._http = http
        self._send: Callable[..., requests.Response] = requests.Session.send
        self.problem = ""

    def install(self) -> None:
        """Let every request of this process pass here."""
        answers = self

        def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
            return answers.send(session, request, **options)

        requests.Session.send = send  # type: ignore[method-assign, assignment]

    def send(
        self, session: requests.Session, request: requests.PreparedRequest, **options: Any
    ) -> requests.Response:
        """Send a request; RequestException where it was not taken, whatever its status."""
        if urlsplit(request.url or "").scheme != "https" and not self._http:
            raise self._noted(HTTPS)
        if _SIGNED in (request.url or ""):
            request.url = str(request.url).replace("%25", "%")
        options |= {"allow_redirects": False, "stream": True, "verify": True, "proxies": {}}
        try:
            answer = self._send(session, request, **options)
            body = b""
            for part in answer.iter_content(ANSWER_BYTES):
                body += part
                if len(body) >= ANSWER_BYTES:
                    break
            answer.close()
        except requests.Timeout:
            limits = options.get("timeout")
            seconds = max(limits) if isinstance(limits, tuple) else limits
            raise self._noted(NOT_IN_TIME.format(seconds=seconds)) from None
        except (requests.RequestException, OSError) as error:
            raise self._noted(said_of(error, urlsplit(request.url or "").hostname or "")) from None
        # What else would be read is not.
        answer._content, answer._content_consumed = body, True
        self._note(answer, body)
        return answer

    def _note(self, answer: requests.Response, body: bytes) -> None:
        try:
            said = json.loads(body)
        except ValueError:
            said = None
        said = said if isinstance(said, dict) else {}
        reason = next((str(said[name]) for name in _REASONS if isinstance(said.get(name), str)), "")
        codes = [said[name] for name in self._codes if name in said]
        self.problem = " ".join(map(str, [f"answered {answer.status_code}:", *codes, reason])).strip(": ")
        if self._codes and 0 not in codes:
            raise requests.RequestException(self.problem)

    def _noted(self, problem: str) -> requests.RequestException:
        self.problem = problem
        return requests.RequestException(problem)


def objection(url: str) -> str:
    """What is wrong with a URL; empty: Apprise knows it."""
    scheme = url.partition("://")[0].lower()
    if scheme in LOCAL:
        return LOCAL_SERVICE.format(scheme=scheme)
    asset = AppriseAsset(async_mode=False)
    if Apprise.instantiate(url, asset=asset, suppress_exceptions=True) is None:
        return NO_SERVICE.format(scheme=scheme)
    return ""


def deliver(url: str, text: str, addresses: Addresses) -> str:
    """Send; what was wrong, empty: it was taken."""
    if wrong := objection(url):
        return wrong
    answers = Answers(url.partition("://")[0].lower(), http=addresses.http)
    answers.install()
    watch(addresses)
    asset = AppriseAsset(async_mode=False)
    service = Apprise.instantiate(url, asset=asset)
    assert service is not None
    try:
        taken = service.notify(body=text, body_format=NotifyFormat.TEXT)
    except Exception as error:  # noqa: BLE001  # each of these services is other people's code
        return answers.problem or type(error).__name__
    return "" if taken else answers.problem or "not taken, and it was not said why"


def main() -> None:
    """Do what standard input says, once."""
    asked = json.load(sys.stdin)
    if "text" not in asked:
        problem = objection(asked["url"])
    else:
        addresses = Addresses(asked["networks"], http=asked["http"])
        problem = deliver(asked["url"], asked["text"], addresses)
    json.dump({"problem": problem[:200]}, sys.stdout)


if __name__ == "__main__":
    main()
