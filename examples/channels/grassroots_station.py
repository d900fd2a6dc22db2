"""A grassroots station with one machine: straight into its data folder, no server needed."""

import sys
from datetime import UTC, datetime
from uuid import uuid4

from cli.stations import station

with station(sys.argv[1]) as publisher:
    number = f"ST-{uuid4().hex[:8]}"
    future = publisher.publish(
        {
            "specversion": "1.0",
            "type": "livelihood.request.submitted",
            "source": "/channels/patrol/east-hill",
            "id": number,
            "subject": number,
            "time": datetime.now(UTC),
            "channel": "patrol",
            "data": {"service": "manhole", "area": "east-hill", "personal": {"address": "幸福路12号门前"}},
        }
    )
print(future.result().issue, "is on the disk")
