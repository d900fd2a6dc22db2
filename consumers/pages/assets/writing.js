// Figures as the server writes them (web/formats.py, templates/figures.html), from what a stream sends.

import { gettext, locale, zone } from "../shell/words.js";

/** Below this many a rate is grey and not ranked. */
export const FEW = 30;

const numbers = new Intl.NumberFormat(locale);
const lengths = Object.fromEntries(
  ["day", "hour", "minute", "second"].map((unit) => [
    unit,
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" }),
  ]),
);
const moments = new Intl.DateTimeFormat(locale, {
  weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
  hourCycle: "h23", timeZone: zone,
});
const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

/** A count with its groups of digits. */
export const count = (number) => numbers.format(number);

// Of two neighbours as near the even one, as the server rounds: a figure must not change by being written anew.
const shares = (digits) => {
  const format = new Intl.NumberFormat("en", {
    style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: "halfEven",
  });
  return (share) => (share === null ? "–" : format.format(share).replace("%", "\u00a0%"));
};

/** A share as "75.4 %". */
export const percent = shares(1);

/** A share as "17 %", where a digit behind the point would say no more. */
export const whole = shares(0);

/** A moment as "Wed 25 Nov 2026, 17:45". */
export function moment(at) {
  const part = Object.fromEntries(moments.formatToParts(at).map(({ type, value }) => [type, value]));
  return locale.startsWith("zh")
    ? `${part.year}年${part.month.replace("月", "")}月${part.day}日（${part.weekday}）${part.hour}:${part.minute}`
    : `${part.weekday} ${part.day} ${part.month} ${part.year}, ${part.hour}:${part.minute}`;
}

/** A length of time in its largest unit, as "3 days". */
export function rough(length) {
  const [unit, size] = UNITS.find(([, size]) => length >= size) ?? UNITS.at(-1);
  return lengths[unit].format(Math.floor(Math.max(length, 0) / size));
}

/** What a rate says of its target: as much as its interval allows (figures.py). */
export function verdict(rate, target) {
  if (rate.low === null) return "nothing";
  if (rate.denominator < FEW) return "few";
  if (!target) return "no_target";
  if (rate.low >= target) return "kept";
  return rate.high < target ? "missed" : "near";
}

/** The verdict in words. */
export const verdictWord = (name) =>
  ({
    kept: gettext("Kept"),
    missed: gettext("Not kept"),
    near: gettext("Close to the target"),
    few: gettext("Too few to say"),
    nothing: gettext("Nothing due yet"),
    no_target: gettext("No target"),
  })[name];

/** What a rate is taken from, in a few words. */
export function takenFrom(name, row) {
  const { numerator, denominator } = row[name];
  const number = count(denominator);
  if (name === "one_visit_rate") {
    if (!denominator) return gettext("none recorded");
    return gettext("of %(number)s\n%(share)s known", { number, share: whole(row.one_visit_coverage.value) });
  }
  if (name === "satisfaction_rate") {
    if (!denominator) return gettext("nobody answered");
    return gettext("of %(number)s\n%(share)s replied", { number, share: whole(row.response_rate.value) });
  }
  const values = { numerator: count(numerator), denominator: number };
  if (name === "on_time_rate") {
    return denominator ? gettext("%(numerator)s of %(denominator)s due", values) : gettext("nothing due yet");
  }
  return denominator ? gettext("%(numerator)s of %(denominator)s", values) : gettext("of none");
}
