"""Tables as JSON, CSV and xlsx, and answers that whoever has them already need not be sent again."""

from collections.abc import Callable, Mapping
from hashlib import blake2b
from io import BytesIO
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from fastapi import Request, Response
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from consumers.board.answers import TableNow
from consumers.board.view import View
from consumers.objects import csv_text, flat_objects, project_object, table_objects
from livelihood.catalogue import CatalogueVersion
from livelihood.instants import Instant, iso, to_datetime

Format = Literal["json", "csv", "xlsx"]
MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WIDTH = 18


def wanted(request: Request, format_: Format | None) -> Format:
    """The format that is asked for: by name, else by what the client accepts."""
    accepts = request.headers.get("accept", "")
    for name, kind in MEDIA_TYPES.items():
        if format_ is None and kind.partition(";")[0] in accepts:
            return name
    return format_ or "json"


def conditional(
    request: Request, tag: str, media_type: str, body: Callable[[], bytes], headers: Mapping[str, str] = {}
) -> Response:
    """The answer, or that the client's own is still right; `tag` differs where the body does."""
    # Weak: the instant it stands for moves on while the figures stay.
    etag = f'W/"{blake2b(tag.encode(), digest_size=12).hexdigest()}"'
    said = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept, Cookie, Authorization"}
    known = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(status_code=304, headers=said)
    return Response(body(), media_type=media_type, headers={**said, **headers})


def tag_of(table: TableNow, view: View, version: CatalogueVersion) -> str:
    """What a table's figures, order and names depend on, as a text."""
    figures = table.position or blake2b(b"\n".join(one.json for one in table.shown)).hexdigest()
    return f"{figures} {version.version} {view.query()} {_projects(table, version)!r}"


def json_body(table: TableNow, view: View, version: CatalogueVersion) -> bytes:
    """A table as one JSON object; its lines are those of `livelihood table --format json`."""
    zone = ZoneInfo(version.time_zone)
    about = {
        "commitment": view.commitment,
        "by": view.by,
        "period": view.period,
        "as_of": iso(table.as_of, zone),
        "known_at": None if view.known_at is None else iso(view.known_at, zone),
        "position": table.position or None,
        "total": table.total,
    }
    head = msgspec.json.encode(about).removesuffix(b"}")
    lines = b",".join([one.json for one in table.shown])
    return b"".join(
        [head, b',"lines":[', lines, b'],"projects":', msgspec.json.encode(_projects(table, version)), b"}"]
    )


def _projects(table: TableNow, version: CatalogueVersion) -> list[dict[str, Any]]:
    zone, known = ZoneInfo(version.time_zone), version.projects
    return [
        project_object(code, known[code].unit, one, zone)
        for code, one in table.projects.items()
        if code in known
    ]


def csv_body(table: TableNow, view: View, version: CatalogueVersion) -> bytes:
    """A table as CSV, the same as `livelihood table --format csv`."""
    return csv_text(table_objects(table.lines, table.projects, view.by, version)).encode()


def xlsx_body(table: TableNow, view: View, version: CatalogueVersion) -> bytes:
    """A table as a workbook: the same columns as CSV, and a sheet that says what it is of."""
    rows = flat_objects(table_objects(table.lines, table.projects, view.by, version))
    columns = list(dict.fromkeys(name for row in rows for name in row))
    buffer = BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        head, share = book.add_format({"bold": True}), book.add_format({"num_format": "0.0 %"})
        sheet = book.add_worksheet("table")
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(columns) - 1, _WIDTH)
        for place, name in enumerate(columns):
            sheet.write_string(0, place, name, head)
        for number, row in enumerate(rows, 1):
            for place, name in enumerate(columns):
                value = row.get(name)
                if isinstance(value, float) and name.endswith(("_rate", "_coverage", "_deadline")):
                    sheet.write_number(number, place, value, share)
                elif isinstance(value, int | float):
                    sheet.write_number(number, place, value)
                elif value is not None:
                    # Never as a formula, whatever it begins with.
                    sheet.write_string(number, place, str(value))
        about = book.add_worksheet("about")
        about.set_column(0, 1, 2 * _WIDTH)
        for number, (name, value) in enumerate(_about(table, view, version).items()):
            about.write_string(number, 0, name, head)
            about.write_string(number, 1, value)
    return buffer.getvalue()


def _about(table: TableNow, view: View, version: CatalogueVersion) -> dict[str, str]:
    zone = ZoneInfo(version.time_zone)
    return {
        "title": next(iter(version.title.values()), ""),
        "view": view.query() or "all commitments, all time",
        "as_of": iso(table.as_of, zone),
        "time_zone": version.time_zone,
        "catalogue": version.version,
        "measures": "Every measure is defined in docs/measures.md.",
    }


def file_name(view: View, as_of: Instant, version: CatalogueVersion, format_: Format) -> str:
    """What a table is called where it is saved."""
    day = to_datetime(as_of, ZoneInfo(version.time_zone)).date()
    commitment = "all" if view.commitment in (None, "*") else str(view.commitment)
    plain = "".join(one if one.isascii() and one.isalnum() else "-" for one in f"{commitment}-{view.period}")
    return f"livelihood-{plain}-{day}.{format_}"
