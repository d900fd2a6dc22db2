// Times told from now: "in 3 hours". The page itself has the date; this keeps what is beside it true.

import { gettext, locale } from "./words.js";

const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** A moment, told from another one. */
export function fromNow(moment, now = Date.now()) {
  const length = moment - now;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(length) >= size) ?? UNITS.at(-1);
  return relative.format(Math.trunc(length / size), unit);
}

/** A length of time in milliseconds, down to the second: "2 days 3 hours 14 minutes 9 seconds". */
export function lengthText(length) {
  const parts = [];
  let rest = Math.abs(length);
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count || parts.length || unit === "second") {
      parts.push(new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(count));
    }
  }
  return parts.join(" ");
}

function countdown(moment) {
  const length = moment - Date.now();
  const values = { length: lengthText(length) };
  return length >= 0 ? gettext("%(length)s left", values) : gettext("%(length)s over", values);
}

/** Keep every element with `data-from-now` (an RFC 3339 time) told from now, and with `data-countdown` to the second. */
export function keepTelling() {
  const tell = () => {
    for (const element of document.querySelectorAll("[data-from-now]")) {
      const told = fromNow(Date.parse(element.dataset.fromNow));
      if (element.textContent !== told) element.textContent = told;
    }
    for (const element of document.querySelectorAll("[data-countdown]")) {
      element.textContent = countdown(Date.parse(element.dataset.countdown));
    }
  };
  tell();
  setInterval(tell, 1_000);
}
