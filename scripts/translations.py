"""Bring the catalogues of messages up to date with the code, or say what is missing in them.

    python scripts/translations.py           writes web/locale/*/LC_MESSAGES/pages.po anew
    python scripts/translations.py --check   changes nothing; status 1 where something is missing

English stands in the code, so its catalogue may leave a translation empty; the others may not.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from web.languages import LANGUAGES, catalog_path, read_catalog

ROOT = Path(__file__).resolve().parents[1]
#: The packages whose pages people see.
FOLDERS = ("web", "producers", "consumers")
_METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/assets/**.js", "javascript")]
_OPTIONS = {
    "**/templates/**.html": {
        "extensions": "jinja2.ext.do",
        "trimmed": "false",
        "newstyle_gettext": "true",
        "silent": "false",
    }
}
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def extracted() -> Catalog:
    """All messages of the code, with the files they stand in."""
    catalog = Catalog(domain="pages", project="livelihood", charset="utf-8")
    for folder in FOLDERS:
        found = extract_from_dir(ROOT / folder, _METHODS, _OPTIONS, _KEYWORDS, comment_tags=("L10N:",))
        for name, _, message, comments, _ in sorted(found, key=lambda one: (one[0], one[1])):
            # Without lines: a message that moves within its file changes nothing.
            catalog.add(message, None, [(f"{folder}/{name}", 0)], auto_comments=comments)
    return catalog


def complaints(code: str, code_messages: Catalog) -> Iterator[str]:
    """What is missing in a language's catalogue, or in it for nothing."""
    catalog = read_catalog(code)
    for message in code_messages:
        if not message.id:
            continue
        kept = catalog.get(message.id)
        if kept is None:
            yield f"{code}: {message.id!r} of {message.locations[0][0]} is missing"
        elif kept.fuzzy:
            yield f"{code}: {message.id!r} is marked fuzzy: look at its translation, and remove the mark"
        elif code != "en" and not all(kept.string if isinstance(kept.string, tuple) else [kept.string]):
            yield f"{code}: {message.id!r} of {message.locations[0][0]} is not translated"
        else:
            yield from (f"{code}: {message.id!r}: {error}" for error in kept.check(catalog))
    for message in catalog:
        if message.id and code_messages.get(message.id) is None:
            yield f"{code}: {message.id!r} is said nowhere any more"


def write(code: str, code_messages: Catalog) -> None:
    """A language's catalogue with what is new, without what is gone."""
    path = catalog_path(code)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(b"")
    catalog = read_catalog(code)
    catalog.update(code_messages, no_fuzzy_matching=True)
    catalog.header_comment = f"# Messages of the pages: {LANGUAGES[code]}."
    catalog.fuzzy = False
    catalog.project, catalog.version, catalog.msgid_bugs_address = "livelihood", "", ""
    catalog.last_translator, catalog.language_team = "", ""
    # The history says when; a date here would change with every run.
    catalog.creation_date = catalog.revision_date = _NO_DATE
    with path.open("wb") as file:
        write_po(file, catalog, width=110, sort_by_file=True, ignore_obsolete=True, include_lineno=False)


def main() -> int:
    """Write, or check; the exit status."""
    messages = extracted()
    if "--check" not in sys.argv[1:]:
        for code in LANGUAGES:
            write(code, messages)
    found = [complaint for code in LANGUAGES for complaint in complaints(code, messages)]
    print("\n".join(found) or f"{len(messages)} messages are there in {' and '.join(LANGUAGES.values())}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
