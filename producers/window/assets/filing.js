// A search among the services in place of a long list: type a part of a name, a category or a department.
// It follows the pattern of a combobox (WAI-ARIA), so it works with the keyboard and with a screen reader.
// Without scripts the list itself is there.

import { gettext, ngettext } from "../shell/words.js";

const MOST_SHOWN = 12;
const select = document.getElementById("service");
const told = document.querySelector("[data-chosen]");

const services = [...select.querySelectorAll("option")]
  .filter((option) => option.value)
  .map((option) => {
    const { department, promised } = option.dataset;
    const group = option.closest("optgroup").label;
    const title = option.textContent;
    return { code: option.value, title, group, department, promised,
      text: `${title} ${group} ${department} ${option.value}`.toLocaleLowerCase() };
  });

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const input = element("input", {
  id: "service", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
  "aria-expanded": "false", "aria-controls": "services", "aria-autocomplete": "list",
  placeholder: gettext("Type a part of its name, or press the down arrow"),
});
for (const name of ["aria-invalid", "aria-describedby"]) {
  if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
}
const list = element("ul", { id: "services", role: "listbox", "aria-label": gettext("Services") });
const count = element("p", { class: "unseen", role: "status" });
const picker = element("div", { class: "picker" }, input, list, count);
list.hidden = true;
select.id = "service-list";
select.hidden = true;
select.after(picker);

let shown = [];
let active = -1;

function tell() {
  const chosen = services.find((one) => one.code === select.value);
  told.hidden = !chosen;
  if (!chosen) return;
  const promised = chosen.promised
    ? gettext("promised within %(limit)s", { limit: chosen.promised })
    : gettext("no date is promised");
  told.textContent = `${chosen.department} · ${promised}`;
}

function close() {
  list.hidden = true;
  active = -1;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function mark(place) {
  active = place;
  [...list.children].forEach((item, number) => {
    item.setAttribute("aria-selected", String(number === place));
    if (number === place) item.scrollIntoView({ block: "nearest" });
  });
  if (place < 0) input.removeAttribute("aria-activedescendant");
  else input.setAttribute("aria-activedescendant", `service-${place}`);
}

function open(all = false) {
  const words = all ? [] : input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  shown = services.filter((one) => words.every((word) => one.text.includes(word)));
  const visible = all ? shown : shown.slice(0, MOST_SHOWN);
  list.replaceChildren(...visible.map((one, number) => {
    const item = element("li", { id: `service-${number}`, role: "option", "aria-selected": "false" },
      element("span", {}, one.title), element("span", { class: "soft" }, one.group));
    // Before the field loses the focus, which would close the list.
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(one); });
    return item;
  }));
  shown = visible;
  list.hidden = shown.length === 0;
  input.setAttribute("aria-expanded", String(!list.hidden));
  count.textContent = ngettext("%(num)s service", "%(num)s services", shown.length);
  mark(shown.length && words.length ? 0 : -1);
}

function choose(one) {
  select.value = one.code;
  input.value = one.title;
  tell();
  close();
}

input.addEventListener("input", () => {
  select.value = "";
  tell();
  open();
});
input.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    if (list.hidden) open(true);
    if (shown.length) mark((active + step + shown.length) % shown.length);
  } else if (event.key === "Enter" && !list.hidden && active >= 0) {
    event.preventDefault();
    choose(shown[active]);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close();
  }
});
input.addEventListener("blur", () => {
  // What was typed and is one service's whole name is that service.
  const typed = services.filter((one) => one.title === input.value.trim());
  if (!select.value && typed.length === 1) choose(typed[0]);
  close();
});

const before = services.find((one) => one.code === select.value);
if (before) choose(before);
if (document.activeElement === select || document.activeElement === document.body) input.focus();
