"""People told of what became of their requests, in WeChat: each change once, in order, wherever it stood.

How far they were told is in the vault. Whoever tells takes the next one first and then says it; a process
that dies in between leaves it to another, which after a while says it, perhaps for a second time.
"""

import json
import logging
from functools import partial
from typing import Any, NamedTuple

import requests
from wechatpy import WeChatClient  # type: ignore[import-untyped]
from wechatpy.exceptions import WeChatClientException  # type: ignore[import-untyped]

from livelihood.instants import MINUTE, Instant
from livelihood.personal import PersonalData
from livelihood.ports import Unavailable
from livelihood.safekeeping import Drawer
from producers.hearing.documents import Told
from producers.hearing.hub import after
from producers.hearing.places import NoPlaces, Places, places_of, text_of
from producers.hearing.tail import Tail
from producers.wechat.account import Account
from web.context import Context

#: How far people were told.
DRAWER: Drawer = "wechat-told"
_PLACES = "places"
#: Whoever has taken one and not said it by then has died.
PATIENCE: Instant = MINUTE
#: How long WeChat's interface has to answer.
ANSWER_SECONDS = 10.0
#: The answer to the message itself has said this.
_SAID = frozenset({"submitted"})
#: WeChat's codes for: 48 hours since the person wrote last have passed; too many were written since.
_ONLY_BY_TEMPLATE = frozenset({45015, 45047})
#: WeChat is busy; so many calls a day, or a minute, were made.
_LATER = frozenset({-1, 45009, 45011})

_LOGGER = logging.getLogger("livelihood.wechat")


class _Client(WeChatClient):  # type: ignore[misc]
    """WeChat's interface, at an address that can be configured."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.appid, account.secret, timeout=ANSWER_SECONDS)
        self.API_BASE_URL = f"{account.api.rstrip('/')}/cgi-bin/"
        # The library waits for a token without limit.
        self._http.request = partial(self._http.request, timeout=ANSWER_SECONDS)

    def fetch_access_token(self) -> Any:
        parameters = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return self._fetch_access_token(f"{self.API_BASE_URL}token", parameters)


class Speaker:
    """Says a text to one person."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._client = _Client(account)

    def say(self, openid: str, text: str, link: str) -> None:
        """By the customer-service interface, or by the template where only that is allowed.

        Unavailable where WeChat cannot do it now; where it refuses it is logged, and that was it.
        """
        try:
            try:
                self._client.message.send_text(openid, text)
            except WeChatClientException as error:
                if error.errcode not in _ONLY_BY_TEMPLATE or not self._account.template:
                    raise
                data = {"first": {"value": text}}
                self._client.message.send_template(openid, self._account.template, data, url=link)
        except WeChatClientException as error:
            if error.errcode is None or error.errcode in _LATER:
                raise Unavailable(f"WeChat cannot be told now ({error.errcode})") from None
            _LOGGER.warning("WeChat does not pass a message on: %s %s", error.errcode, error.errmsg)
        except requests.RequestException as error:
            raise Unavailable(f"WeChat cannot be reached ({type(error).__name__})") from None


class _Standing(NamedTuple):
    """How far people were told, and since when somebody is about to say the next (0: nobody is)."""

    places: str
    since: Instant = 0

    def packed(self) -> bytes:
        return json.dumps(self).encode()


class Telling:
    """Tells the people of one account."""

    def __init__(self, account: Account, context: Context, tail: Tail, speaker: Speaker) -> None:
        self._account, self._context, self._tail, self._speaker = account, context, tail, speaker
        self._personal = PersonalData(context.log, context.reader, context.vault, context.sealer)

    def step(self) -> int:
        """Tell what is new; how many were told. Unavailable where something cannot be had now."""
        vault = self._context.vault
        held = vault.get(DRAWER, _PLACES)
        if held is None:
            # Who asked before there was an account is not told of the past.
            vault.add(DRAWER, _PLACES, _Standing(text_of(self._tail.ends())).packed())
            return 0
        standing = _Standing(*json.loads(held))
        if standing.since and self._context.clock() - standing.since < PATIENCE:
            return 0
        count = 0
        for told, places in self._next(standing.places):
            moved = _Standing(text_of(places)).packed()
            if told is not None and self._is_for_person(told):
                taken = _Standing(standing.places, self._context.clock()).packed()
                if not vault.replace(DRAWER, _PLACES, held, taken):
                    return count
                try:
                    self._tell(told)
                except BaseException:
                    # At once for whoever tries again, this process among them.
                    vault.replace(DRAWER, _PLACES, taken, _Standing(standing.places).packed())
                    raise
                held, count = taken, count + 1
            if not vault.replace(DRAWER, _PLACES, held, moved):
                return count
            held, standing = moved, _Standing(text_of(places))
        return count

    def _next(self, text: str) -> list[tuple[Told | None, Places]]:
        """A page of changes, each with the places after it; at its end the places it reaches without one."""
        try:
            places = places_of(text, self._tail.partitions)
        except NoPlaces:
            places = self._tail.ends()
        found: list[tuple[Told | None, Places]] = []
        begun = places
        for partition, worked in enumerate(self._tail.worked_on()):
            page, place = self._tail.read(
                partition, places[partition], worked, lambda channels: self._account.channel in channels
            )
            for told in page:
                places = after(places, told)
                found.append((told, places))
            places = (*places[:partition], place, *places[partition + 1 :])
        if places != (found[-1][1] if found else begun):
            found.append((None, places))
        return found

    def _is_for_person(self, told: Told) -> bool:
        what = told.document["type"].rpartition(".")[2]
        return told.owner == self._account.channel and what not in _SAID and "message" in told.personal

    def _tell(self, told: Told) -> None:
        said = self._personal.read(told.issue, who="WeChat, to tell the person", now=self._context.clock())
        openids = [one.fields["openid"] for one in said if one.fields and "openid" in one.fields]
        if openids:
            link = told.personal["links"]["receipt"]
            self._speaker.say(openids[0], told.personal["message"][self._account.language], link)
