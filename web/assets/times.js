// Times told from now: "in 3 hours". The page itself has the date; this keeps what is beside it true.

import { locale } from "./words.js";

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

/** Keep every element with `data-from-now` (an RFC 3339 time) told from now. */
export function keepTelling() {
  const tell = () => {
    for (const element of document.querySelectorAll("[data-from-now]")) {
      const told = fromNow(Date.parse(element.dataset.fromNow));
      if (element.textContent !== told) element.textContent = told;
    }
  };
  tell();
  setInterval(tell, 1_000);
}
