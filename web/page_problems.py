"""Problems that people meet on pages, each with a message in their language."""

from web.languages import Message, _
from web.problems import Problem


class PageProblem(Problem):
    """Ends a request with a page that says what was expected; a program gets the same in English."""

    def __init__(self, status: int, message: Message) -> None:
        super().__init__(status, message.text % message.values if message.values else message.text)
        self.message = message


class SignInNeeded(PageProblem):
    """Nobody has signed in, and somebody must."""

    def __init__(self) -> None:
        super().__init__(401, _("Sign in first."))


class PassNeeded(Problem):
    """A program that sends no pass of an account, or one that has ended."""

    def __init__(self, *, has_ended: bool = False) -> None:
        ended = "this pass has ended, or is none of ours: " if has_ended else ""
        super().__init__(
            401,
            f"{ended}send an account's pass, as  Authorization: Bearer PASS"
            "  (livelihood accounts pass makes one)",
            headers={"WWW-Authenticate": 'Bearer realm="livelihood"'},
        )


class SessionOrPassNeeded(SignInNeeded):
    """The same where a session will do: a browser is led to the sign-in, a program told of the pass."""

    def __init__(self) -> None:
        super().__init__()
        needed = PassNeeded()
        self.detail, self.headers = needed.detail, needed.headers


class NotAllowed(PageProblem):
    """Whoever has signed in may not do this."""

    def __init__(self) -> None:
        super().__init__(
            403, _("Your account may not do this. Ask whoever looks after the accounts, if it should.")
        )


class NotHere(PageProblem):
    """There is no such thing; the message says what was looked for."""

    def __init__(self, message: Message) -> None:
        super().__init__(404, message)


class Forgery(PageProblem):
    """A form that no page of ours has made for this browser."""

    def __init__(self) -> None:
        super().__init__(
            403,
            _(
                "This form was not sent from a page of this site, or the page is from before you signed in or"
                " out. Open the page again and send it from there."
            ),
        )


class FormTooLarge(PageProblem):
    """More was sent than any form of ours holds."""

    def __init__(self) -> None:
        super().__init__(413, _("Shorten the text and send it again."))


class FormUnreadable(PageProblem):
    """What was sent is no form."""

    def __init__(self) -> None:
        super().__init__(400, _("This form could not be read. Open the page again and send it from there."))
