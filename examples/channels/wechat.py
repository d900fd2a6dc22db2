"""WeChat, played: a person's message as WeChat's servers send it, and the answer on the person's phone."""

import os
import time
from secrets import randbelow

import httpx
from wechatpy.replies import deserialize_reply
from wechatpy.utils import WeChatSigner

now, nonce = str(int(time.time())), str(randbelow(10**9))
signer = WeChatSigner()
signer.add_data(os.environ["LIVELIHOOD_WECHAT_TOKEN"], now, nonce)
message = f"""<xml>
<ToUserName>gh_account</ToUserName><FromUserName>o-somebody</FromUserName><CreateTime>{now}</CreateTime>
<MsgType>text</MsgType><Content>老城街道幸福路12号路灯不亮</Content><MsgId>{randbelow(10**17)}</MsgId>
</xml>"""
answer = httpx.post(
    f"{os.environ['LIVELIHOOD_URL']}/wechat",
    params={"signature": signer.signature, "timestamp": now, "nonce": nonce},
    content=message.encode(),
)
answer.raise_for_status()
print(deserialize_reply(answer.text).content)
