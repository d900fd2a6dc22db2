"""What is done for who reports: requests and updates become events, and go in by the one way there is."""

from typing import Any

from livelihood.instants import to_datetime
from livelihood.lifecycle import State
from producers.channel_keys import ChannelKey
from producers.intake import Intake, Receipt, Refusal
from producers.open311.answers import Answers
from producers.open311.documents import Trouble
from producers.open311.parameters import Parameters, one
from producers.open311.reporting import service_notice, submission_event
from producers.open311.requests import Telling
from producers.open311.services import known_service
from producers.open311.updates import public_id, update_event
from producers.receipts import Receipts, new_issue_id

#: Events of a channel that gives no name of its own while the server is open.
OPEN_CHANNEL = "open311"
REPEATED = "update_id was received before"


class Receiving:
    """Takes reports and updates in."""

    def __init__(self, intake: Intake, receipts: Receipts, answers: Answers) -> None:
        self._intake = intake
        self._receipts = receipts
        self._answers = answers

    def report(self, parameters: Parameters, key: ChannelKey, telling: Telling) -> list[dict[str, Any]]:
        """POST requests; Trouble says what is wrong with the form."""
        key = key.of(OPEN_CHANNEL)
        code = needed(parameters, "service_code")
        service = known_service(telling.version, code)
        zone = telling.catalogue.calendar.local.zone
        issue = new_issue_id(to_datetime(telling.now, zone).strftime("%Y%m%d"))
        event = submission_event(parameters, code, service, key, issue, telling.now)
        receipt = self._take(event, key)
        self._answers.expect(issue)
        request: dict[str, Any] = {}
        if service.reply == "realtime":
            request["service_request_id"] = issue
        elif service.reply == "batch":
            request["token"] = receipt.number
        request["service_notice"] = service_notice(
            service, code, key.channel, telling.now, telling.catalogue, telling.language
        )
        request["account_id"] = one(parameters, "account_id")
        return [request]

    def of_token(self, token: str) -> list[dict[str, Any]]:
        """GET tokens/id: the id of what was reported; Trouble for what is no token of ours."""
        issue = self._receipts.issue(token)
        if issue is None:
            raise Trouble(404, f"token {token[:80]!r} was not found")
        self._answers.state(issue)
        return [{"service_request_id": issue, "token": token}]

    def update(self, parameters: Parameters, key: ChannelKey) -> list[dict[str, Any]]:
        """POST servicerequestupdates; Trouble says what is wrong with the form, or that it came before."""
        key = key.of(OPEN_CHANNEL)
        issue = needed(parameters, "service_request_id")
        state = self._answers.state(issue)
        event = update_event(parameters, issue, State(state.issue.state), key)
        if any(
            (fact.source, fact.id) == (key.source, event["id"]) for fact in self._answers.facts(issue, state)
        ):
            raise Trouble(400, REPEATED)
        # It may also have come a moment ago, which the intake knows.
        receipt = self._take(event, key, repeated=REPEATED)
        return [
            {
                "update_id": public_id(receipt.source, receipt.id),
                "account_id": one(parameters, "account_id"),
            }
        ]

    def _take(self, event: dict[str, Any], key: ChannelKey, repeated: str = "") -> Receipt:
        (answer,) = self._intake.take([event], key)
        if isinstance(answer, Refusal):
            if answer.status == 409 and repeated:
                raise Trouble(400, repeated)
            where = f"{answer.field}: " if answer.field else ""
            raise Trouble(403 if answer.status == 403 else 400, f"{where}{answer.message}")
        if answer.repeated and repeated:
            raise Trouble(400, repeated)
        return answer


def needed(parameters: Parameters, name: str) -> str:
    """A parameter's value; Trouble where it was not sent."""
    value = one(parameters, name)
    if value is None:
        raise Trouble(400, f"{name} is required")
    return value
