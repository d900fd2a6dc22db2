"""HTTP: one issue with its events, the arithmetic of its deadline, and its alerts; nothing personal."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import msgspec
from fastapi import APIRouter, Depends, Query

from consumers.alerts import AlertQuery, read_alerts
from consumers.api.asking import Seeing
from consumers.api.parameters import Parameters
from consumers.objects import history_object
from livelihood.changes import KEPT_BACK
from livelihood.histories import read_history
from livelihood.instants import from_datetime
from livelihood.lifecycle import State
from livelihood.moments import read_moment
from web.context import Context
from web.problems import DESCRIBED, Problem


class OfHistory(Parameters):
    """An issue."""

    as_of: str | None = None
    """What had happened by then; now without it."""


def router(context: Context, seeing: Seeing) -> APIRouter:
    """An issue."""
    routes = APIRouter(tags=["tables"], responses=DESCRIBED, dependencies=[Depends(seeing)])

    @routes.get("/v1/issues/{issue}/history", response_model=None)
    def history(
        issue: str,
        asked: Annotated[OfHistory, Query()],
    ) -> dict[str, Any]:
        """An issue: where it stands, what happened, how its deadline came about, who held it, its alerts.

        The same as `livelihood issue --format json`, without where exactly somebody is and what they sent.
        """
        catalogue = context.catalogue()
        zone = ZoneInfo(catalogue.latest.time_zone)
        try:
            at = None if asked.as_of is None else read_moment(asked.as_of, zone)
        except ValueError as error:
            raise Problem(422, str(error), field="as_of") from None
        found = read_history(context.reader, catalogue, issue, at, context.clock())
        if found is None or found.state is State.ORPHAN:
            raise Problem(404, f"there is no issue {issue[:100]!r}")
        shown = history_object(found, zone)
        for entry in shown["timeline"]:
            entry["data"] = {name: said for name, said in entry["data"].items() if name not in KEPT_BACK}
        told = (one.alert for one in read_alerts(context.topics, AlertQuery(issue=issue)))
        alerts = [alert for alert in told if from_datetime(alert.at) <= found.as_of]
        return shown | {"alerts": msgspec.to_builtins(alerts)}

    return routes
