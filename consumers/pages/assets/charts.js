// Charts read out: at the pointer, or by the arrow keys, the figures of one place from the table beside the chart.

/** Take every chart in hand, those that come later too. */
export function readOut() {
  document.addEventListener("pointermove", (event) => {
    const plot = event.target.closest?.("[data-plot]");
    if (!plot) return;
    const box = plot.firstElementChild.getBoundingClientRect();
    tell(plot, placeAt(plot, (event.clientX - box.left) / box.width));
  });
  document.addEventListener("pointerout", (event) => {
    const plot = event.target.closest?.("[data-plot]");
    if (plot && !plot.contains(event.relatedTarget) && plot !== document.activeElement) forget(plot);
  });
  document.addEventListener("focusout", (event) => event.target.matches?.("[data-plot]") && forget(event.target));
  document.addEventListener("keydown", (event) => {
    const plot = event.target.closest?.("[data-plot]");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!plot || !step) return;
    event.preventDefault();
    const count = countOf(plot);
    const last = Number(plot.dataset.at ?? (step > 0 ? -1 : count));
    readout(plot).setAttribute("aria-live", "polite");
    tell(plot, Math.min(Math.max(last + step, 0), count - 1));
  });
}

const chart = (plot) => plot.closest("[data-chart]");
const countOf = (plot) => Number(chart(plot).dataset.chart);
const readout = (plot) => chart(plot).querySelector("[data-readout]");
const isOfBars = (plot) => chart(plot).dataset.places === "bars";

function placeAt(plot, share) {
  const count = countOf(plot);
  const at = isOfBars(plot) ? Math.floor(share * count) : Math.round(share * (count - 1));
  return Math.min(Math.max(at, 0), count - 1);
}

function tell(plot, at) {
  const count = countOf(plot);
  if (!count) return;
  plot.dataset.at = at;
  const place = isOfBars(plot) ? (at + 0.5) / count : count > 1 ? at / (count - 1) : 0;
  const cross = plot.querySelector("[data-cross]");
  cross.classList.add("shown");
  for (const end of ["x1", "x2"]) cross.setAttribute(end, `${100 * place}%`);
  const table = chart(plot).querySelector("table");
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const cells = [...table.tBodies[0].rows[at].cells].map((cell) => cell.textContent);
  const said = readout(plot);
  said.dataset.note ??= said.textContent;
  said.textContent = heads.map((head, number) => `${head} ${cells[number]}`).join(" · ");
}

function forget(plot) {
  delete plot.dataset.at;
  plot.querySelector("[data-cross]").classList.remove("shown");
  const said = readout(plot);
  if (said.dataset.note !== undefined) said.textContent = said.dataset.note;
}
