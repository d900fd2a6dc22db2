"""The parameters of a view, as OpenAPI describes them; what they mean is said by consumers/board/view.py."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from consumers.board.view import NoView, View
from livelihood.catalogue import CatalogueVersion
from web.problems import Problem, no_such


class Parameters(BaseModel):
    """The parameters of an address, and no others: one that is misspelt would change nothing, unnoticed."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _no_others(cls, said: Any) -> Any:
        for name in sorted(set(said) - set(cls.model_fields)):
            raise Problem(422, no_such("parameter", name, cls.model_fields), field=name)
        return said


class Narrowed(Parameters):
    """Which issues are counted, and as of when."""

    period: str | None = None
    """2011, 2011-Q3, 2011-08, 2011-W31, 2011-08-14 or all."""
    department: str | None = None
    """Any of these codes, with commas between; `-` stands for none. So do the next five."""
    area: str | None = None
    channel: str | None = None
    service: str | None = None
    origin: str | None = None
    """person or staff."""
    category: str | None = None
    """Categories of services, life stages for one."""
    as_of: str | None = None
    """2012-01-01, 2012-01-01T17:00 or 2012-01-01T17:00-05:00: what had happened by then. Now without it."""
    known_at: str | None = None
    """From what had been recorded by then only."""

    def view(self, version: CatalogueVersion, commitment: str | None) -> View:
        """The view they name; a problem where they name none."""
        said: dict[str, Any] = self.model_dump(exclude_none=True)
        try:
            return View.parse({name: str(value) for name, value in said.items()}, version, commitment)
        except NoView as error:
            raise Problem(
                404 if error.field == "commitment" else 422, str(error), field=error.field
            ) from None


class Asked(Narrowed):
    """A table."""

    by: str | None = None
    """Broken down by these, with commas between: department, service, area, channel, origin, outcome."""
    search: str | None = None
    """Only lines whose names or codes contain it."""
    sort: str | None = None
    """A measure, named as in CSV; with a minus before it the largest first. Rates of few come last."""
    page: str | None = None
    """From 1."""
    size: str | None = None
    """Lines on a page, at most 1,000."""
