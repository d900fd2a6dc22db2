// Keeps the list of alerts as the server has it: asks every few seconds, shows what is new for a moment, says
// where the server cannot be reached. Nothing is asked while nobody looks.

import { ngettext } from "../shell/words.js";

const EVERY = 2_000;
const list = document.getElementById("alerts");
const lost = document.getElementById("lost");
const news = document.getElementById("news");
let tag = "";

const shown = () => new Set([...list.querySelectorAll("[data-alert]")].map((row) => row.dataset.alert));

function replace(html) {
  const before = shown();
  // Whoever stands on a link of the list stays there.
  const focused = document.activeElement?.closest("#alerts a")?.getAttribute("href");
  list.innerHTML = html;
  const links = [...list.querySelectorAll("a")];
  if (focused) links.find((link) => link.getAttribute("href") === focused)?.focus();
  const added = [...list.querySelectorAll("[data-alert]")].filter((row) => !before.has(row.dataset.alert));
  for (const row of added) row.classList.add("new");
  if (added.length) news.textContent = ngettext("%(num)s new alert", "%(num)s new alerts", added.length);
}

async function look() {
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(list.dataset.source + location.search, { headers, cache: "no-store" });
  // Signed out meanwhile: the page itself says so.
  if (answer.redirected) location.reload();
  if (answer.status === 200) {
    replace(await answer.text());
    tag = answer.headers.get("ETag") ?? "";
  }
  return answer.ok || answer.status === 304;
}

async function keepLooking() {
  if (!document.hidden) {
    try {
      lost.hidden = await look();
    } catch {
      lost.hidden = false;
    }
  }
  setTimeout(keepLooking, EVERY);
}

keepLooking();
