// What the pages about commitments do beyond HTML: figures that stay true, views without a new page, charts that
// are read out. Each works without the others, and the pages without all of them.

import { readOut } from "./charts.js";
import { followLater } from "./later.js";
import { keepLive } from "./live.js";
import { onView, watchView } from "./view.js";

watchView();
readOut();
keepLive();
followLater();
onView(() => {
  keepLive();
  followLater();
});

const full = document.querySelector("[data-full]");
if (full && document.fullscreenEnabled) {
  full.hidden = false;
  full.addEventListener("click", () => document.documentElement.requestFullscreen());
}
