// The bell looks twice a minute whether there is news, and at once when its tab comes back to the front. A tab that
// nobody sees asks nothing.

import htmx from "htmx.org";

const EVERY_MS = 30000;

function ring() {
  const bell = document.getElementById("bell");
  if (bell && document.visibilityState === "visible") {
    htmx.trigger(bell, "ring");
  }
}

window.setInterval(ring, EVERY_MS);
document.addEventListener("visibilitychange", ring);
