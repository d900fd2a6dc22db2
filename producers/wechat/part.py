"""The account as a part of the server: its address, and what goes on beside the answering of requests."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
from anyio import to_thread
from fastapi import APIRouter
from sse_starlette.sse import AppStatus

from livelihood.envelope import type_of
from livelihood.events import Kind
from livelihood.ports import Moved, Unavailable
from producers.hearing.documents import Documents
from producers.hearing.tail import Tail
from producers.intake import Intake
from producers.receipts import Receipts
from producers.wechat import callback
from producers.wechat.account import Account
from producers.wechat.asking import Asking
from producers.wechat.conversation import Conversation
from producers.wechat.telling import Speaker, Telling
from producers.wechat.wire import Wire
from web.context import Context

#: How often what the log could not take in time is given to it again.
AGAIN_SECONDS = 2.0
#: How often is looked for what people are to be told, and how long is waited where that cannot be done.
TELL_SECONDS, PAUSE_SECONDS = 1.0, 10.0

_SUBMITTED = type_of(Kind.SUBMITTED)
_LOGGER = logging.getLogger("livelihood.wechat")


class WeChat:
    """One public account."""

    def __init__(self, account: Account, context: Context, intake: Intake, receipts: Receipts) -> None:
        self.asking = Asking(account, context.vault)
        self.conversation = Conversation(account, context, intake, receipts, self.asking)
        self.router: APIRouter = callback.router(context, Wire(account), self.conversation)
        #: What goes on beside the answering of requests.
        self.tasks: list[Callable[[], Awaitable[None]]] = [self._register]
        self._speaker = Speaker(account) if account.secret else None
        if self._speaker is not None:
            documents = Documents(context.catalogue, receipts.number, context.public_url)
            tail = Tail(context.log, context.reader, context.topics, documents)
            self._telling = Telling(account, context, tail, self._speaker)
            self.tasks.append(self._tell)

    async def _register(self) -> None:
        while not AppStatus.should_exit:
            try:
                for document in await to_thread.run_sync(self.conversation.waiting.register):
                    _LOGGER.warning("a message that had to wait for the log is registered")
                    await to_thread.run_sync(self._say_registered, document)
            except Unavailable:
                # It will be there again.
                pass
            await anyio.sleep(AGAIN_SECONDS)

    def _say_registered(self, document: dict[str, Any]) -> None:
        """Tell the person the receipt number that the answer could not have. Who misses it can ask for it."""
        openid = document["data"].get("personal", {}).get("openid")
        if self._speaker is not None and openid and document["type"] == _SUBMITTED:
            with suppress(Unavailable):
                self._speaker.say(openid, self.conversation.registered(document), "")

    async def _tell(self) -> None:
        while not AppStatus.should_exit:
            try:
                while await to_thread.run_sync(self._telling.step):
                    pass
                await anyio.sleep(TELL_SECONDS)
            except (Unavailable, Moved) as error:
                _LOGGER.warning("people cannot be told now: %s", error)
                await anyio.sleep(PAUSE_SECONDS)
