"""A service window: what the person at the desk says, over HTTP to the gateway, and a receipt to hand out."""

import os
from datetime import UTC, datetime
from uuid import uuid4

from producers import GatewayTransport, Publisher

number = f"WN-{uuid4().hex[:8]}"
with Publisher(GatewayTransport(os.environ["LIVELIHOOD_URL"], os.environ["LIVELIHOOD_TOKEN"])) as publisher:
    future = publisher.publish(
        {
            "specversion": "1.0",
            "type": "livelihood.request.submitted",
            "source": "/channels/window",
            "id": number,
            "subject": number,
            "time": datetime.now(UTC),
            "channel": "window",
            "data": {
                "service": "elderly-allowance",
                "personal": {"name": "张三", "phone": "13800000000", "text": "申请高龄津贴"},
            },
        }
    )
print("回执号 receipt", future.result().number)
