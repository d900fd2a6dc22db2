// Figures that stay true: each table's changes come by a stream, and a figure changes where it stands.

import { gettext } from "../shell/words.js";
import { refreshParts } from "./parts.js";
import * as write from "./writing.js";

/** What has just changed stands out for so long, in milliseconds; as pages.css has it. */
const SETTLED = 1_800;
/** Where more than so many figures change at once, none stands out: a page that flickers says nothing. */
const MOST_AT_ONCE = 12;

let streams = [];
/** Figures that the event being told has changed. */
const changed = new Set();
let lastAsOf = 0;

/** Follow every table of the page; whatever was followed before is let go. */
export function keepLive() {
  for (const stream of streams) stream.close();
  streams = [...document.querySelectorAll("[data-stream]")].filter((one) => one.dataset.stream).map(follow);
}

addEventListener("pagehide", () => streams.forEach((stream) => stream.close()));
addEventListener("pageshow", (event) => event.persisted && keepLive());

function follow(place) {
  const address = new URL(place.dataset.stream, location.href);
  const by = (address.searchParams.get("by") ?? "").split(",").filter(Boolean);
  const stream = new EventSource(address);
  // Lines that are not on the page: some never are, and a new one is looked for once.
  const absent = new Set();
  const took = (isNews) => (event) => {
    const { as_of: asOf, lines } = JSON.parse(event.data);
    standing("streaming", gettext("Live"));
    changed.clear();
    for (const line of lines) {
      const key = keyOf(line, by);
      const at = place.querySelectorAll(`[data-line="${CSS.escape(key)}"]`);
      for (const one of at) show(one, line, Date.parse(asOf));
      if (!at.length && !absent.has(key)) {
        absent.add(key);
        if (isNews) refreshParts({ whole: true });
      }
    }
    if (changed.size) refreshParts({ day: asOf.slice(0, 10) });
    tellAsOf(Date.parse(asOf));
    if (changed.size <= MOST_AT_ONCE) changed.forEach(standOut);
  };
  stream.addEventListener("snapshot", took(false));
  stream.addEventListener("lines", took(true));
  stream.addEventListener("open", () => standing("streaming", gettext("Live")));
  stream.addEventListener("error", () => {
    const values = { when: write.moment(lastAsOf || Date.now()) };
    standing("reconnecting", gettext("Connection lost, trying again. Figures of %(when)s", values));
  });
  return stream;
}

/** What names a line, as the page names it (overview.py). */
const keyOf = (line, by) => [line.commitment, ...by.map((name) => line[name]).filter((value) => value !== null)].join("/");

function standing(how, word) {
  for (const one of document.querySelectorAll("[data-standing]")) {
    one.dataset.standing = how;
    set(one.querySelector("[data-standing-word]"), word);
  }
}

function tellAsOf(asOf) {
  if (!(asOf >= lastAsOf)) return;
  lastAsOf = asOf;
  for (const one of document.querySelectorAll("[data-as-of]")) {
    // A part that is yet to be looked at again is still of the instant it was made at.
    if (one.closest("[data-behind]")) continue;
    set(one, write.moment(asOf));
    one.dateTime = new Date(asOf).toISOString();
  }
}

/** Show a line's figures where it stands. */
function show(place, line, asOf) {
  for (const one of place.querySelectorAll("[data-count]")) {
    const number = line[one.dataset.count];
    one.classList.toggle("none", !number);
    if (set(one, write.count(number))) changed.add(one);
  }
  for (const one of place.querySelectorAll("[data-age]")) {
    const since = line[one.dataset.age];
    one.classList.toggle("none", !since);
    set(one, since ? write.rough(asOf - Date.parse(since)) : "–");
  }
  for (const one of place.querySelectorAll("[data-rate]")) showRate(one, line);
}

function showRate(place, line) {
  const name = place.dataset.rate;
  const rate = line[name];
  const value = place.querySelector(".rate-value");
  if (set(value, write.percent(rate.value))) changed.add(value);
  set(place.querySelector(".rate-of"), write.takenFrom(name, line));
  place.classList.toggle("few", rate.denominator < write.FEW);
  place.classList.toggle("nobody", !rate.denominator);
  if (!place.classList.contains("headline")) return;
  const verdict = write.verdict(rate, Number(place.dataset.target));
  place.className = `rate headline ${verdict}`;
  const word = place.querySelector(".verdict");
  word.className = `verdict ${verdict}`;
  set(word, write.verdictWord(verdict));
  place.querySelector(".fill").setAttribute("width", `${100 * (rate.value ?? 0)}%`);
  const band = place.querySelector(".band");
  band.setAttribute("x", `${100 * (rate.low ?? 0)}%`);
  band.setAttribute("width", `${100 * ((rate.high ?? 0) - (rate.low ?? 0))}%`);
}

/** Put a text in its place; whether it was another one. */
function set(place, text) {
  if (!place || place.textContent === text) return false;
  place.textContent = text;
  return true;
}

/** Let a figure stand out for a moment. */
function standOut(place) {
  place.classList.remove("changed");
  // Read once, so that the animation begins anew.
  void place.offsetWidth;
  place.classList.add("changed");
  clearTimeout(place.settling);
  place.settling = setTimeout(() => place.classList.remove("changed"), SETTLED);
}
