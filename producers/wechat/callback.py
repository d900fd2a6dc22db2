"""HTTP: the address that is entered at WeChat as the account's server (服务器配置, URL)."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from producers.gateway.bodies import Bodies
from producers.wechat.conversation import Conversation
from producers.wechat.wire import SUCCESS, Wire
from web.context import Context

PATH = "/wechat"
#: WeChat's longest message is a tenth of it.
MOST_BYTES = 64 * 1024


def router(context: Context, wire: Wire, conversation: Conversation) -> APIRouter:
    """What WeChat calls; nobody else can sign as it does."""
    routes = APIRouter(include_in_schema=False)
    bodies = Bodies()

    @routes.get(PATH)
    async def verify(request: Request) -> Response:
        """Answer the verification of the address with what it asks to be echoed."""
        wire.check(request.query_params, context.clock())
        return PlainTextResponse(request.query_params.get("echostr", ""))

    @routes.post(PATH)
    async def receive(request: Request) -> Response:
        """Take a message, and answer whoever wrote it."""
        parameters = request.query_params
        wire.check(parameters, context.clock())
        with bodies.place(request, MOST_BYTES) as body:
            message = wire.read(parameters, await body.read())
            text = await run_in_threadpool(conversation.answer, message)
        answer = wire.write(text, message, parameters)
        return Response(answer, media_type="text/plain" if answer == SUCCESS else "application/xml")

    return routes
