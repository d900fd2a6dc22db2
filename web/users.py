"""Users: who looks at a page, and what that person may do to which issues."""

from collections.abc import Sequence
from dataclasses import dataclass

from livelihood.fields import Code
from web.accounts import OF_DEPARTMENTS, Account, Right

#: The channel of what is done where nobody has to sign in.
OPEN_CHANNEL = "window"
#: What whoever stands in for somebody may do in their place, and what a link lets its account do: what is
#: personal, and what keeps the system running, stays with who has a password for it.
IN_PLACE = frozenset({Right.SEE, Right.ACT, Right.DECIDE})
#: What a pass made for a program lets it do besides: it was in no mail, and whoever made it may write to the
#: data.
BY_PROGRAM = IN_PLACE | {Right.OPERATE}


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Rights, and the departments those to act, decide and see what is personal end at; None: all."""

    name: str = ""
    rights: frozenset[Right] = frozenset()
    departments: frozenset[Code] | None = None

    def gives(self, right: Right, department: str | None) -> bool:
        """Whether a right is among them, and, where a department is named, in that one."""
        if right not in self.rights:
            return False
        return department is None or self.departments is None or department in self.departments


@dataclass(frozen=True, kw_only=True)
class User(Grant):
    """A person with an account, a visitor without one, or anybody where the server is open."""

    #: `name` is the account's; empty: nobody has signed in.
    channel: str = OPEN_CHANNEL
    #: What comes from those who are on leave, and have this person act in their place.
    stands_in: tuple[Grant, ...] = ()
    #: Came by a link, not by a password.
    by_link: bool = False

    @property
    def is_known(self) -> bool:
        """Whether somebody has signed in."""
        return bool(self.name)

    @property
    def names(self) -> frozenset[str]:
        """The person's own name, and those of whom they stand in for: what these ask, they do not decide."""
        return frozenset({self.name, *(one.name for one in self.stands_in)})

    def may(self, right: Right, department: str | None = None) -> bool:
        """Whether the person has a right, and, where a department is named, in that one."""
        return self.gives(right, department) or any(one.gives(right, department) for one in self.stands_in)


#: Whoever has not signed in, where accounts exist.
VISITOR = User()
#: Anybody, on loopback before the first account.
ANYBODY = User(rights=frozenset(Right))


def user_of(
    account: Account, away: Sequence[Account] = (), *, by_link: bool = False, by_program: bool = False
) -> User:
    """What an account makes of a person, who may stand in for others, or have come by a link.

    `by_program`: the link is a pass that was made for a program.
    """
    allowed = BY_PROGRAM if by_program else IN_PLACE
    return User(
        name=account.name,
        rights=account.rights & allowed if by_link else account.rights,
        departments=limits_of(account),
        channel=account.channel,
        by_link=by_link,
        stands_in=tuple(
            Grant(name=one.name, rights=one.rights & IN_PLACE, departments=limits_of(one)) for one in away
        ),
    )


def limits_of(account: Account) -> frozenset[Code] | None:
    """The departments an account's rights end at; None: at none."""
    return account.departments if account.role in OF_DEPARTMENTS and account.departments else None
