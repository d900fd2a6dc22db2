"""A person at the overview for the bench, in Chromium; and when the page shows what was submitted meanwhile.

    python -m bench.screen URL PASS SECONDS RATE TARGET

Prints one JSON object: what the first page took, and from acknowledged to a frame that shows the count.
"""

import asyncio
import json
import sys
import time
from typing import Any

from playwright.async_api import BrowserContext, Page, async_playwright

from bench.following import LATEST_SECONDS, Watched
from bench.submitting import submit

CHROMIUM = "/usr/bin/chromium"
_TOTAL = '[data-glance="totals"] [data-count="received"]'
#: Of everything together how many were received, each time a frame was drawn that shows another number.
_WATCH = """(place) => {
  const shown = document.querySelector(place);
  const read = () => Number(shown.textContent.replaceAll(/[^0-9]/g, ""));
  const now = () => (performance.timeOrigin + performance.now()) / 1000;
  window.looks = [[now(), read()]];
  new MutationObserver(() => {
    const number = read();
    // What is there when a frame begins is drawn by it, and the next one begins once it was.
    requestAnimationFrame(() => requestAnimationFrame(() => window.looks.push([now(), number])));
  }).observe(shown, { characterData: true, childList: true, subtree: true });
}"""
_FIRST = """() => {
  const loaded = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  return {
    bytes: loaded.reduce((sum, one) => sum + one.transferSize, 0),
    painted: performance.getEntriesByName("first-contentful-paint")[0].startTime / 1000,
    loaded: performance.getEntriesByType("navigation")[0].loadEventEnd / 1000,
  };
}"""


async def first_page(context: BrowserContext, url: str) -> tuple[Page, dict[str, float]]:
    """The overview as it comes to a browser that has nothing of it yet; bytes on the wire, and seconds."""
    page = await context.new_page()
    await page.goto(f"{url}/commitments", wait_until="load")
    await page.wait_for_selector(_TOTAL)
    return page, await page.evaluate(_FIRST)


async def measured(url: str, pass_: str, seconds: float, rate: float, target: str) -> dict[str, Any]:
    """Look at the page while others submit."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = await browser.new_context(locale="en-GB")
        signed_in = await context.request.get(f"{url}/pass/{pass_}?next=/commitments")
        assert signed_in.ok, signed_in.status
        page, first = await first_page(context, url)
        await page.wait_for_selector('[data-standing="streaming"]')
        await page.evaluate(_WATCH, _TOTAL)
        watched, everything = Watched(), (None, None)
        # The clock of the acknowledgements is another one than the browser's.
        offset = time.time() - time.perf_counter()
        reached = await submit(target, seconds, rate, watched.note)
        watched.acknowledged = {everything: [one for some in watched.acknowledged.values() for one in some]}
        until = time.perf_counter() + LATEST_SECONDS
        while time.perf_counter() < until:
            looks = await page.evaluate("window.looks")
            watched.before = {everything: looks[0][1]}
            watched.shown = {everything: [(at - offset, number) for at, number in looks]}
            if watched.is_told:
                break
            await asyncio.sleep(0.1)
        assert watched.is_told, f"not all was shown within {LATEST_SECONDS:.0f} s"
        await browser.close()
    return {"first": first, "rate": reached, "looks": len(looks), **watched.percentiles()}


if __name__ == "__main__":
    URL, PASS, SECONDS, RATE, TARGET = sys.argv[1:]
    print(json.dumps(asyncio.run(measured(URL, PASS, float(SECONDS), float(RATE), TARGET))))
