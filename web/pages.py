"""Pages: templates in two languages, with what every one of them is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from web.accounts import Right
from web.assets import Assets
from web.context import Context
from web.cookies import BROWSER, Cookies
from web.formats import Formats
from web.languages import LANGUAGES, Language, Message
from web.titles import own_title, title_of
from web.visits import THEMES, Visit

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """A page that the menu leads to."""

    path: str
    label: Message
    #: Who may see it.
    right: Right
    #: Lower ones come first.
    place: int


class Pages:
    """Renders the templates of all parts, each part's under its own name."""

    def __init__(
        self, context: Context, languages: dict[str, Language], assets: Assets, cookies: Cookies
    ) -> None:
        self._context = context
        self._assets = assets
        self._cookies = cookies
        self._folders = {"shell": FileSystemLoader(FOLDER)}
        self._environments = {code: self._environment(language) for code, language in languages.items()}
        self._menu: list[MenuEntry] = []

    def add(self, part: str, folder: Path, menu: Sequence[MenuEntry] = ()) -> None:
        """Add a part's templates, which are then named `part/name.html`, and its pages in the menu."""
        # The loaders read this mapping, so environments made before see it too.
        self._folders[part] = FileSystemLoader(folder)
        self.add_to_menu(*menu)

    def add_to_menu(self, *menu: MenuEntry) -> None:
        """Add pages to the menu."""
        self._menu = sorted([*self._menu, *menu], key=lambda entry: entry.place)

    def menu(self, visit: Visit) -> list[MenuEntry]:
        """What a visitor's menu leads to."""
        return [entry for entry in self._menu if visit.user.may(entry.right)]

    def formats(self, visit: Visit) -> Formats:
        """How a visitor's dates and numbers are written."""
        return Formats(visit.language, ZoneInfo(self._context.catalogue().latest.time_zone))

    def page(self, visit: Visit, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page of a template, as "shell/message.html"."""
        environment = self._environments[visit.language.code]
        menu = self.menu(visit)
        version = self._context.catalogue().latest

        def title(part: str, code: str | None) -> str:
            """What the catalogue calls a code of a part of it, as "departments"."""
            return title_of(getattr(version, part), code, visit.language.code)

        html = environment.get_template(template).render(
            visit=visit,
            user=visit.user,
            language=visit.language,
            languages=LANGUAGES,
            themes=THEMES,
            formats=self.formats(visit),
            menu=menu,
            folded=_folded(menu),
            here=_here(menu, visit.request.url.path),
            place=own_title(version, visit.language.code),
            title=title,
            asset=self._assets.url,
            is_open=self._context.is_open(),
            now=self._context.clock(),
            **values,
        )
        response = HTMLResponse(html, status, headers={"Cache-Control": "no-store"})
        self.name_browser(visit, response)
        return response

    def name_browser(self, visit: Visit, response: Response) -> None:
        """Give a browser that has none its name."""
        if visit.is_new:
            self._cookies.set(response, BROWSER, visit.browser)

    def _environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=PrefixLoader(self._folders),
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]
        environment.filters["said"] = language.said
        return environment


#: A menu of more entries than this folds those whose place is this or later, where they are several.
_IN_LINE, _FOLDED_PLACE = 6, 80


def _folded(menu: Sequence[MenuEntry]) -> list[MenuEntry]:
    """The entries of a menu that are shown on request: those seldom used."""
    late = [entry for entry in menu if entry.place >= _FOLDED_PLACE]
    return late if len(menu) > _IN_LINE and len(late) > 1 else []


def _here(menu: Sequence[MenuEntry], path: str) -> MenuEntry | None:
    """The entry that a page belongs to: the one whose path says most of its own."""
    above = (entry for entry in menu if f"{path}/".startswith(f"{entry.path}/"))
    return max(above, key=lambda entry: len(entry.path), default=None)
