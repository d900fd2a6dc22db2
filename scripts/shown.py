"""The pages that `make screenshots` renders, and which of the pictures documents show."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A page to render: how it is reached, and what is done there first."""

    name: str
    path: str
    account: str = "lin"
    #: Text by the field's id, to be filled in; and what is then pressed.
    fill: tuple[tuple[str, str], ...] = ()
    press: str = ""
    #: So many boxes are ticked before that.
    tick: int = 0


PAGES = (
    Shown(name="overview", path="/commitments", account="chen"),
    Shown(name="overview-then", path="/commitments?as_of=2026-02-27", account="chen"),
    Shown(name="commitment", path="/commitments/streets", account="chen"),
    Shown(name="why", path="/commitments/streets/issues?of=on_time_rate.rest", account="chen"),
    Shown(name="wall", path="/wall", account="chen"),
    Shown(name="sign-in", path="/sign-in", account=""),
    Shown(name="desk", path="/window"),
    Shown(name="waiting", path="/window?list=waiting", account="wang"),
    Shown(name="file", path="/window/file"),
    Shown(name="file-search", path="/window/file", fill=(("service", "灯"),)),
    Shown(name="file-errors", path="/window/file", fill=(("phone", "12"),), press="form.filing button"),
    Shown(name="issue", path="/issues/MC-1003"),
    Shown(name="issue-late", path="{late}"),
    Shown(name="personal", path="{filed}", press="#personal button"),
    Shown(name="resolve", path="{late}/resolved"),
    Shown(name="receipt", path="{filed}/receipt"),
    Shown(name="public", path="/r/{number}", account=""),
    Shown(name="account", path="/account"),
    Shown(name="cases", path="/cases", account="wang"),
    Shown(name="cases-waiting", path="/cases?list=waiting", account="wang", tick=1),
    Shown(name="many", path="/cases", account="wang", tick=2, press=".bulk button"),
    Shown(name="alerts", path="/alerts", account="wang"),
    Shown(name="alerts-standing", path="/alerts?stands=yes", account="wang"),
    Shown(name="leave", path="/account", account="wang"),
    Shown(name="subscriptions", path="/subscriptions", account="chen"),
    Shown(name="subscription", path="/subscriptions/sub-streets", account="chen"),
    Shown(name="subscription-stopped", path="/subscriptions/sub-dashboard", account="chen"),
    Shown(name="subscribe", path="/subscriptions/new", account="wang"),
    Shown(name="subscription-change", path="/subscriptions/sub-streets/change", account="wang"),
    Shown(
        name="subscribe-errors",
        path="/subscriptions/new",
        account="wang",
        fill=(("url", "town"), ("time_zone", "Mars")),
        press="main form > .actions button",
    ),
    Shown(name="not-found", path="/no-such-page"),
    Shown(name="accounts", path="/accounts", account="chen"),
    Shown(name="account-of", path="/accounts/wang", account="chen"),
    Shown(name="audit", path="/audit", account="chen"),
    Shown(name="operations", path="/operations", account="chen"),
    Shown(name="menu", path="/operations", account="chen", press=".more summary"),
    Shown(name="letters", path="/operations/letters", account="chen"),
    Shown(name="letter", path="/operations/letters/0-1", account="chen"),
)
#: What documents show, as page, language, theme, size.
IN_DOCS = (
    ("overview", "zh", "light", "desk"),
    ("overview", "zh", "dark", "phone"), ("wall", "zh", "dark", "wall"),
    ("desk", "en", "light", "desk"), ("desk", "zh", "light", "desk"), ("issue-late", "en", "light", "desk"),
    ("issue-late", "zh", "dark", "desk"), ("file", "zh", "light", "desk"),
    ("receipt", "en", "light", "phone"), ("operations", "en", "light", "desk"),
    ("letter", "zh", "light", "desk"),
    ("alerts-standing", "en", "light", "desk"), ("public-overview", "zh", "light", "desk"),
    ("public-commitment", "en", "light", "desk"),
)  # fmt: skip
