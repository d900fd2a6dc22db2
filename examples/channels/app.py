"""An app in whatever language: one CloudEvent in an HTTP request, with nothing of ours. Here it is httpx."""

import os
from datetime import UTC, datetime
from uuid import uuid4

import httpx

number = f"APP-{uuid4().hex[:8]}"
answer = httpx.post(
    f"{os.environ['LIVELIHOOD_URL']}/v1/events",
    headers={
        "Authorization": f"Bearer {os.environ['LIVELIHOOD_TOKEN']}",
        "Content-Type": "application/cloudevents+json",
    },
    json={
        "specversion": "1.0",
        "type": "livelihood.request.submitted",
        "source": "/channels/app",
        "id": number,
        "subject": number,
        "time": datetime.now(UTC).isoformat(),
        "channel": "app",
        "data": {"service": "street-light", "area": "old-town", "personal": {"text": "The lamp is out"}},
    },
)
print(answer.status_code, answer.json())
answer.raise_for_status()
