"""Pictures of the demo as a browser shows it: Boston on the first of December 2011."""

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from cli.demo import CITY, MONTHS, REQUESTS
from cli.demo_pages import demo_pages
from cli.examples import example_path
from cli.settings import Settings
from cli.simulation import simulated
from cli.terminal import notes
from livelihood.instants import from_datetime

ZONE = ZoneInfo("America/New_York")
UNTIL = datetime(2011, 12, 1, 10, 0, tzinfo=ZONE)
#: Name -> path, and the part of the page that is shown; none: as much as a screen holds.
PICTURES = {
    "demo-en-light-desk": ("/commitments?sort=-received", ""),
    "demo-why-en-light-desk": ("/commitments/street-lights", ""),
    "demo-charts-en-light-desk": ("/commitments/street-lights", ".charts"),
}


def render_demo(browser: Browser, folder: Path, size: tuple[int, int]) -> None:
    """Run the demo's data to that day, and render its pages."""
    year, month = MONTHS[0]
    start = from_datetime(datetime(year, month, 1, tzinfo=ZONE))
    with TemporaryDirectory() as place:
        settings = Settings(data=Path(place) / "data")
        with simulated(
            settings, example_path(REQUESTS), CITY, start, notes(), lambda _: None
        ) as simulation, demo_pages(simulation.engine, settings) as url:  # fmt: skip
            simulation.run_to(from_datetime(UNTIL))
            page = browser.new_page(
                locale="en-GB", color_scheme="light", viewport={"width": size[0], "height": size[1]}
            )
            for name, (path, part) in PICTURES.items():
                page.goto(url + path)
                page.wait_for_selector("[data-standing=streaming]")
                shown = page.locator(part) if part else page
                shown.screenshot(path=folder / f"{name}.png")
            page.close()
