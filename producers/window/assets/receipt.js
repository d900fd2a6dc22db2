// Print from the page: the button needs a script, so it is shown by one.

const button = document.querySelector("[data-print]");
button.hidden = false;
button.addEventListener("click", () => print());
