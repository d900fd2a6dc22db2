// Charts and sums beside the figures: fetched again from the page itself when figures have changed, and not often.

/** At least so long between two looks, in milliseconds; the second where another day has begun. */
const PAUSE = 15_000;
const PAUSE_DAY = 2_500;

let timer = 0;
let looked = Date.now();
let changes = 0;
let day = "";

/** Something has changed: bring the parts up to date before long, all figures where a line is new. */
export function refreshParts({ day: today = day, whole = false } = {}) {
  const isNewDay = today !== day && day !== "";
  day = today;
  changes += 1;
  for (const part of document.querySelectorAll("[data-part]")) part.dataset.behind = "";
  if (timer && !isNewDay && !whole) return;
  clearTimeout(timer);
  const pause = isNewDay || whole ? PAUSE_DAY : PAUSE;
  timer = setTimeout(look, Math.max(looked + pause - Date.now(), PAUSE_DAY / 2));
}

async function look() {
  timer = 0;
  looked = Date.now();
  const before = changes;
  const address = location.href;
  if (document.hidden) return;
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok || location.href !== address) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    addLines(page);
    for (const part of document.querySelectorAll("[data-part]")) renew(part, page, changes === before);
  } catch {
    // The stream says that the connection is lost.
  }
}

function renew(part, page, isCurrent) {
  const line = part.closest("[data-line]");
  const within = line ? `[data-line="${CSS.escape(line.dataset.line)}"] ` : "";
  const found = page.querySelector(`${within}[data-part="${part.dataset.part}"]`);
  // Whoever is reading in it, or has opened its figures, is not interrupted.
  if (!found || part.contains(document.activeElement) || part.matches(":hover") || part.querySelector("details[open]")) return;
  if (found.innerHTML !== part.innerHTML) part.replaceChildren(...found.childNodes);
  if (isCurrent) delete part.dataset.behind;
}

/** Lines that the page did not have yet stand where the server has them. */
function addLines(page) {
  for (const body of document.querySelectorAll("tbody:has(> [data-line])")) {
    const key = (one) => one.dataset.line;
    const known = new Set([...body.children].map(key));
    const table = [...page.querySelectorAll("tbody:has(> [data-line])")].find((other) =>
      [...other.children].some((one) => known.has(key(one))),
    );
    for (const line of [...(table?.children ?? [])]) {
      if (known.has(key(line))) continue;
      const before = line.previousElementSibling;
      const there = before && body.querySelector(`[data-line="${CSS.escape(key(before))}"]`);
      if (there) there.after(line.cloneNode(true));
      else body.prepend(line.cloneNode(true));
    }
  }
}
