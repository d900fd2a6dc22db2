"""Sessions: who is signed in now. They live in the vault, so one can be ended and nothing goes on."""

import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from livelihood.instants import DAY, HOUR, Instant
from livelihood.safekeeping import SESSIONS, Vault
from web.accounts import Account, Accounts, Role

#: How long a session lasts: a working day. What only looks may stay on a wall.
LASTS: Instant = 12 * HOUR
LASTS_FOR_VIEWERS: Instant = 30 * DAY


class Session(BaseModel):
    """One browser that is signed in. The vault has it under a hash of its cookie."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str
    #: The account's, when it began.
    version: int
    begun: Instant
    until: Instant
    by_link: bool = False
    """Begun by a link, which may do less than a password."""
    by_provider: bool = False
    """Begun by a provider, where the person may be signed in still when this has ended."""
    browser: str = ""
    """What kind of browser it is, so that its person knows it in a list."""


class SignedIn(NamedTuple):
    """A session that holds."""

    #: Names it in lists.
    id: str
    account: Account
    session: Session


class Sessions:
    """The sessions of one installation."""

    def __init__(self, vault: Vault, accounts: Accounts) -> None:
        self._vault = vault
        self._accounts = accounts

    def begin(
        self, account: Account, now: Instant, link_until: Instant | None = None, *,
        by_provider: bool = False, agent: str = "",
    ) -> str:  # fmt: skip
        """Begin one; the value of its cookie, which is kept nowhere else.

        One that a link began ends with the link, at `link_until`. `agent` is what the browser calls itself.
        """
        self._remove_ended(now)
        token = secrets.token_urlsafe(32)
        lasts = LASTS_FOR_VIEWERS if account.role is Role.VIEWER else LASTS
        session = Session(
            account=account.name,
            version=account.version,
            begun=now,
            until=now + lasts if link_until is None else link_until,
            by_link=link_until is not None,
            by_provider=by_provider,
            browser=browser_of(agent),
        )
        self._vault.put(SESSIONS, _id(token), session.model_dump_json().encode())
        return token

    def find(self, token: str | None, now: Instant) -> SignedIn | None:
        """The session of a cookie; None where it has ended, however that came about."""
        if not token:
            return None
        kept = self._vault.get(SESSIONS, _id(token))
        return None if kept is None else self._held(_id(token), Session.model_validate_json(kept), now)

    def id_of(self, token: str) -> str:
        """The id of a cookie's session, which opens nothing."""
        return _id(token)

    def end(self, token: str | None) -> None:
        """End the session of a cookie."""
        if token:
            self._vault.delete(SESSIONS, _id(token))

    def end_all(self, account: str | None, but: str = "") -> int:
        """End all sessions of an account, or of everybody, but the one of that id; how many there were."""
        ended = 0
        for id_, kept in list(self._vault.items(SESSIONS)):
            if id_ != but and (account is None or Session.model_validate_json(kept).account == account):
                ended += self._vault.delete(SESSIONS, id_)
        return ended

    def end_one(self, account: str, id_: str) -> bool:
        """End a session of an account by its id; whether it had one of that id."""
        kept = self._vault.get(SESSIONS, id_)
        if kept is None or Session.model_validate_json(kept).account != account:
            return False
        return self._vault.delete(SESSIONS, id_)

    def of(self, account: str, now: Instant) -> list[SignedIn]:
        """Those of an account that hold, the latest first."""
        own = (self._held(id_, session, now) for id_, session in self._kept() if session.account == account)
        return sorted((one for one in own if one is not None), key=lambda one: -one.session.begun)

    def all(self, now: Instant) -> Iterator[SignedIn]:
        """All that hold."""
        for id_, session in self._kept():
            found = self._held(id_, session, now)
            if found is not None:
                yield found

    def _kept(self) -> Iterator[tuple[str, Session]]:
        """All with their ids, those that have ended too. They may be ended meanwhile."""
        for id_, kept in list(self._vault.items(SESSIONS)):
            yield id_, Session.model_validate_json(kept)

    def _held(self, id_: str, session: Session, now: Instant) -> SignedIn | None:
        """A session with its account; None where it has ended."""
        account = self._accounts.find(session.account)
        if account is None or account.version != session.version or session.until <= now:
            return None
        return SignedIn(id_, account, session)

    def _remove_ended(self, now: Instant) -> None:
        for id_, session in self._kept():
            if session.until <= now:
                self._vault.delete(SESSIONS, id_)


def _id(token: str) -> str:
    return sha256(token.encode()).hexdigest()


#: What a browser's name for itself must have in it -> what people call it; the first that is there counts,
#: for most name others beside themselves.
_BROWSERS = {
    "MicroMessenger/": "WeChat", "Edg": "Edge", "OPR/": "Opera", "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox", "FxiOS/": "Firefox", "CriOS/": "Chrome", "HeadlessChrome/": "Chrome",
    "Chrome/": "Chrome", "Safari/": "Safari",
}  # fmt: skip
_SYSTEMS = {
    "Windows": "Windows", "iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Mac OS X": "macOS",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


def browser_of(agent: str) -> str:
    """A browser in two words, as "Firefox, Windows"; empty where it is none that is known."""
    found = (
        next((name for sign, name in names.items() if sign in agent), "") for names in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in found if name)
