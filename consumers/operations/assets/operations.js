// Keeps the numbers of the work true, for as long as somebody looks.

const TICK = 2_000;
const now = document.getElementById("now");
const watched = document.getElementById("watched");

async function look() {
  try {
    const answer = await fetch("/operations/now", { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.statusText);
    const found = await answer.text();
    // Who is reading a number, or has it under the finger, is not disturbed where nothing has changed.
    const focused = now.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    now.innerHTML = found;
    if (focused) now.querySelector(`a[href="${focused}"]`)?.focus();
    watched.textContent = "";
  } catch {
    watched.textContent = watched.dataset.stale;
  }
}

setInterval(() => {
  if (!document.hidden) look();
}, TICK);
