// What takes a look at every issue comes when the page is there already.

/** Fetch what is still to come, each into its place. */
export function followLater() {
  for (const place of document.querySelectorAll("[data-later]")) follow(place);
}

async function follow(place) {
  const waiting = place.querySelector("[data-waiting]");
  if (!waiting) return;
  waiting.hidden = false;
  try {
    const answer = await fetch(place.dataset.later, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.querySelector("[data-issues]").children);
  } catch {
    // The link below leads there.
    waiting.hidden = true;
  }
}
