"""Cookies: the session's, the browser's name, and what a person prefers to see."""

from dataclasses import dataclass

from fastapi import Request, Response

SESSION, BROWSER, LANGUAGE, THEME = "session", "browser", "language", "theme"
#: A sign-in that is under way at a provider.
PROVIDER = "provider"
_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class Cookies:
    """Reads and sets them. None is for scripts, none for other sites."""

    #: Whether browsers reach this server by https only.
    is_secure: bool

    def read(self, request: Request, name: str) -> str:
        """A cookie's value; empty where there is none."""
        return request.cookies.get(self._name(name), "")

    def set(self, response: Response, name: str, value: str, seconds: int = _YEAR_SECONDS) -> None:
        """Set one."""
        response.set_cookie(
            self._name(name), value, max_age=seconds, path="/",
            secure=self.is_secure, httponly=True, samesite="lax",
        )  # fmt: skip

    def remove(self, response: Response, name: str) -> None:
        """Remove one."""
        response.delete_cookie(
            self._name(name), path="/", secure=self.is_secure, httponly=True, samesite="lax"
        )

    def _name(self, name: str) -> str:
        # With this prefix browsers take it from this host by https only, and from no other host beside it.
        return f"__Host-livelihood-{name}" if self.is_secure else f"livelihood-{name}"
