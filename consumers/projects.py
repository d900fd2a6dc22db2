"""Reading project commitments: how far each is, from the progress reported on it."""

from livelihood.instants import Instant
from livelihood.ports import Reader
from livelihood.projects import ProjectProgress, progress
from livelihood.promises import Catalogue
from livelihood.state import all_facts, unpack


def read_projects(
    reader: Reader, catalogue: Catalogue, as_of: Instant, known_at: Instant | None = None
) -> dict[str, ProjectProgress]:
    """The progress of every project of the catalogue as of an instant, by code, in its order."""
    if known_at is not None:
        catalogue = catalogue.as_known(known_at)
    projects = catalogue.latest.projects
    states = reader.states(projects)
    found = {}
    for code, project in projects.items():
        facts = []
        if code in states:
            state = unpack(states[code])
            facts = all_facts(state, reader.archive(code) if state.segments else ())
        if known_at is not None:
            facts = [fact for fact in facts if fact.recorded <= known_at]
        found[code] = progress(project, facts, as_of, catalogue)
    return found
