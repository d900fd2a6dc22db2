"""What people wrote, where the installation publishes it: by default nothing."""

from collections.abc import Iterable

from livelihood.safekeeping import Sealer
from producers.open311.listing import Listing

#: What may be published of a request, as the setting `open311_public` names it, and what each is.
PUBLISHABLE: dict[str, str] = {
    "location": "latitude and longitude",
    "media": "the addresses of pictures",
    "description": "what the person wrote when asking",
    "address": "the address the person wrote",
    "updates": "what was written since, by staff and by the person",
}
#: A place is no words of a person's; a service that is not `listed` shows it to nobody.
BY_DEFAULT = frozenset({"location"})
#: What was written, and is sealed.
WRITTEN = frozenset({"description", "address", "updates"})

#: (issue, source, id) of an event.
Place = tuple[str, str, str]


class Texts:
    """Opens what is published of the sealed texts."""

    def __init__(self, listing: Listing, sealer: Sealer, public: frozenset[str]) -> None:
        self._listing = listing
        self._sealer = sealer
        self._public = public

    def submitted(self, issues: Iterable[Place]) -> dict[str, dict[str, str]]:
        """Issue -> what of its submission's words is published, from where the submissions are."""
        members = {"description": "text", "address": "address"}
        wanted = {name: field for name, field in members.items() if name in self._public}
        if not wanted:
            return {}
        opened = self._open(set(issues))
        return {
            issue: {name: personal[field] for name, field in wanted.items() if field in personal}
            for (issue, _, _), personal in opened.items()
        }

    def updates(self, places: Iterable[Place]) -> dict[Place, str]:
        """The words of updates that are published."""
        if "updates" not in self._public:
            return {}
        opened = self._open(set(places))
        return {place: personal["text"] for place, personal in opened.items() if "text" in personal}

    def _open(self, places: set[Place]) -> dict[Place, dict[str, str]]:
        sealed = self._listing.texts({issue for issue, _, _ in places})
        opened = {place: self._sealer.open(sealed[place], place[0]) for place in places if place in sealed}
        # Nothing, of those who are forgotten.
        return {place: personal for place, personal in opened.items() if personal is not None}
