// What scripts say, in the language of the page. `make translations` finds every text in these calls.

const { language, locale, zone } = document.documentElement.dataset;
const { words } = await import(`../words/${language}.js`);
const plurals = new Intl.PluralRules(locale);

export { locale, zone };

const filled = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);

/** A text in the page's language; `values` replace %(name)s in it. */
export function gettext(text, values = {}) {
  return filled(words[text]?.[0] ?? text, values);
}

/** A text that depends on a number, which is %(num)s in it. */
export function ngettext(one, many, number, values = {}) {
  const forms = words[one] ?? [one, many];
  const form = forms.length > 1 && plurals.select(number) !== "one" ? forms[1] : forms[0];
  return filled(form, { num: new Intl.NumberFormat(locale).format(number), ...values });
}
