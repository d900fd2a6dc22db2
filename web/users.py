"""Users: who looks at a page, and what that person may do to which issues."""

from dataclasses import dataclass

from livelihood.fields import Code
from web.accounts import OF_DEPARTMENTS, Account, Right

#: The channel of what is done where nobody has to sign in.
OPEN_CHANNEL = "window"


@dataclass(frozen=True, kw_only=True)
class User:
    """A person with an account, a visitor without one, or anybody where the server is open."""

    #: The account's name; empty: nobody has signed in.
    name: str = ""
    rights: frozenset[Right] = frozenset()
    #: The departments the rights to act, decide and see what is personal end at; None: all.
    departments: frozenset[Code] | None = None
    channel: str = OPEN_CHANNEL

    @property
    def is_known(self) -> bool:
        """Whether somebody has signed in."""
        return bool(self.name)

    def may(self, right: Right, department: str | None = None) -> bool:
        """Whether the person has a right, and, where a department is named, in that one."""
        if right not in self.rights:
            return False
        return department is None or self.departments is None or department in self.departments


#: Whoever has not signed in, where accounts exist.
VISITOR = User()
#: Anybody, on loopback before the first account.
ANYBODY = User(rights=frozenset(Right))


def user_of(account: Account) -> User:
    """What an account makes of a person."""
    limited = account.role in OF_DEPARTMENTS and account.departments
    return User(
        name=account.name,
        rights=account.rights,
        departments=account.departments if limited else None,
        channel=account.channel,
    )
