// Another period, filter, order or instant without a new page: fetched, and put in the place of the one before.
// Every view keeps its address.

import { locale } from "../shell/words.js";

const listeners = [];
let asking = null;
let waiting = 0;

/** Call this when another view is shown. */
export function onView(listener) {
  listeners.push(listener);
}

/** Take the form of the view, the links that lead to other views, and the slider in hand. */
export function watchView() {
  if (!document.querySelector("[data-figures]")) return;
  prepare();
  document.addEventListener("change", (event) => {
    const field = event.target;
    // What has no name is no part of the view; the slider sets the field that has one.
    if (!field.form?.matches("[data-view]") || !(field.name || field.type === "range")) return;
    const address = addressOf(field.form);
    // What was searched while it was typed is there: whoever leaves the field for a link must not see that link
    // replaced under the pointer.
    if (field.type !== "search" || address !== location.href) go(address);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-view] [type=search]")) later(() => go(addressOf(event.target.form)));
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-view]")) return;
    event.preventDefault();
    go(addressOf(event.target));
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-follow]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.href);
  });
  addEventListener("popstate", () => go(location.href, { isNew: false }));
}

function later(act) {
  clearTimeout(waiting);
  waiting = setTimeout(act, 300);
}

function addressOf(form) {
  const fields = [...new FormData(form)].filter(([name, value]) => value && !(name === "period" && value === "all"));
  const query = new URLSearchParams(fields);
  return form.action + (query.size ? `?${query}` : "");
}

/** Show another view. At a glance: its figures only, on the way to another. */
export async function go(address, { isNew = true, isGlance = false } = {}) {
  // Whatever is asked for last is shown, also while what was typed before still waits.
  clearTimeout(waiting);
  asking?.abort();
  const mine = (asking = new AbortController());
  const figures = document.querySelector("[data-figures]");
  figures.setAttribute("aria-busy", "true");
  const failed = document.querySelector("[data-failed]");
  try {
    const asked = new URL(address);
    if (isGlance) asked.searchParams.set("glance", "1");
    const answer = await fetch(asked, { signal: mine.signal, headers: { Accept: "text/html" } });
    // A view that cannot be shown has a page that says so; without one, whoever answers is not the page.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("[data-figures]")) throw new Error(answer.statusText);
    if (failed) failed.hidden = true;
    if (isNew && !isGlance && address !== location.href) history.pushState(null, "", address);
    put(page, isGlance);
  } catch (error) {
    if (error.name === "AbortError") return;
    figures.removeAttribute("aria-busy");
    if (!failed) return;
    failed.hidden = false;
    failed.querySelector("a").href = address;
  }
}

function put(page, isGlance) {
  replace(page, ".page-head");
  if (isGlance) {
    // Charts and lists stay, pale, until somebody stays at an instant.
    for (const { dataset } of page.querySelectorAll("[data-glance]")) replace(page, `[data-glance="${dataset.glance}"]`);
    const figures = document.querySelector("[data-figures]");
    figures.dataset.stream = "";
    figures.classList.add("glanced");
    figures.removeAttribute("aria-busy");
  } else {
    replace(page, "[data-figures]");
    document.title = page.title;
    replaceForm(page);
    replace(page, ".back");
    prepare();
  }
  for (const listener of listeners) listener();
}

function replace(page, selector) {
  const there = document.querySelector(selector);
  const found = page.querySelector(selector);
  if (there && found) there.replaceWith(found);
}

/** The form changes around what has the focus. */
function replaceForm(page) {
  const isOpen = document.querySelector(".more-picks input").checked;
  const focus = document.activeElement?.closest("[data-view]") ? document.activeElement : null;
  const how = focus && { id: focus.id, name: focus.name, isRange: focus.type === "range", at: focus.selectionStart, text: focus.value };
  replace(page, "[data-view]");
  document.querySelector(".more-picks input").checked = isOpen;
  if (!how) return;
  const form = document.querySelector("[data-view]");
  const again = how.isRange ? form.querySelector("[type=range]") : how.id ? form.querySelector(`#${how.id}`) : form.elements[how.name];
  if (!again) return;
  form.querySelector("[data-slider]")?.removeAttribute("hidden");
  if (again.type === "search") again.value = how.text;
  again.focus();
  if (again.type === "search") again.setSelectionRange(how.at, how.at);
}

const DAY = 86_400_000;
const days = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** Make the slider of the form ready. Its last place is now; each other one is the beginning of a day. */
function prepare() {
  const form = document.querySelector("[data-view]");
  for (const one of form?.querySelectorAll("[data-unneeded]") ?? []) one.hidden = true;
  const slider = form?.querySelector("[data-slider]");
  if (!slider) return;
  const range = slider.querySelector("[type=range]");
  const field = form.elements.as_of;
  // Now needs no date; another instant may be set to the minute.
  form.querySelector("[data-exactly]").hidden = !field.value;
  const first = Date.parse(slider.dataset.first);
  const last = Math.max(Math.round((Date.parse(slider.dataset.last) - first) / DAY), 0) + 1;
  range.max = last;
  range.value = field.value ? Math.round((Date.parse(field.value.slice(0, 10)) - first) / DAY) : last;
  slider.hidden = false;

  const chosen = () => (Number(range.value) >= last ? "" : new Date(first + range.value * DAY).toISOString().slice(0, 10));
  const tell = () => {
    const day = chosen();
    range.setAttribute("aria-valuetext", day ? days.format(Date.parse(day)) : slider.querySelector("[data-now]").textContent);
    field.value = day && `${day}T00:00`;
  };
  const glance = () => {
    tell();
    return go(addressOf(form), { isGlance: true });
  };
  if (range.value !== "0" || !field.value) range.setAttribute("aria-valuetext", field.value ? days.format(Date.parse(field.value.slice(0, 10))) : slider.querySelector("[data-now]").textContent);

  range.addEventListener("input", glance);
  slider.querySelector("[data-play]").addEventListener("click", (event) => play(event.currentTarget, range, last, glance, () => go(addressOf(form))));
}

/** Let time pass, from the beginning where it has come to its end. Pressed again, it stands. */
async function play(button, range, last, glance, arrive) {
  if (button.getAttribute("aria-pressed") === "true") {
    button.setAttribute("aria-pressed", "false");
    return;
  }
  button.setAttribute("aria-pressed", "true");
  if (Number(range.value) >= last) range.value = 0;
  const step = Math.max(1, Math.ceil(last / 120));
  while (button.isConnected && button.getAttribute("aria-pressed") === "true" && Number(range.value) < last) {
    range.value = Math.min(Number(range.value) + step, last);
    await Promise.all([glance(), new Promise((done) => setTimeout(done, 180))]);
  }
  if (!button.isConnected) return;
  button.setAttribute("aria-pressed", "false");
  arrive();
}
