"""The numbers that channels' systems have for an issue, by which they find it again."""

from livelihood.issue import Issue
from livelihood.state import IssueState


def numbers_of(issue_id: str, issue: Issue) -> tuple[tuple[str, str], ...]:
    """(channel, number) of each; the issue's own id, by which it is found anyway, left out."""
    number = issue.number
    if not number or number == issue_id:
        return issue.numbers
    own = (issue.channel, number)
    return issue.numbers if own in issue.numbers else (own, *issue.numbers)


def renumber(issue_id: str, state: IssueState, numbers: dict[tuple[str, str, str], bool]) -> None:
    """Put into a Commit's `numbers` what has changed since the index was last told."""
    now, before = numbers_of(issue_id, state.issue), state.numbered
    if now != before:
        numbers |= {(*number, issue_id): False for number in before if number not in now}
        numbers |= {(*number, issue_id): True for number in now if number not in before}
        state.numbered = now
