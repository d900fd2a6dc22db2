// What every page does beyond HTML; each works without it.

import { keepTelling } from "./times.js";

keepTelling();

// What was wrong with a form comes first for the eye and for a screen reader.
document.getElementById("errors")?.focus();

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});

// On a telephone the menu is pushed aside with a finger: where one is stands in sight.
const here = document.querySelector('.menu > [aria-current="page"], .menu > .more:has([aria-current="page"])');
const menu = here?.parentElement;
if (menu && menu.scrollWidth > menu.clientWidth) menu.scrollLeft = here.offsetLeft - menu.offsetLeft - menu.clientWidth / 3;

// A menu that was opened closes where somebody turns to something else.
const more = document.querySelector(".more");
if (more) {
  document.addEventListener("click", (event) => {
    if (!more.contains(event.target)) more.open = false;
  });
  more.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    more.open = false;
    more.querySelector("summary").focus();
  });
}

// Coming back to a page that was kept: its forms may be sent again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
});
