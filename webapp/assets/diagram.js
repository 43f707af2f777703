// Draws process diagrams: every element with data-diagram="address of the BPMN text".
//
// data-done and data-current hold element ids, separated by spaces: the way so far and where the case stands. The
// drawing starts when the element comes into view, since most readers decide without looking at it.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

/** Below this scale the names in the boxes cannot be read. */
const READABLE = 0.55;

function ids(element, name) {
  return (element.dataset[name] || "").split(/\s+/).filter(Boolean);
}

function mark(viewer, element, attribute, className) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  for (const id of ids(element, attribute)) if (registry.get(id)) canvas.addMarker(id, className);
}

/** The whole drawing where it can be read; on a narrow screen the place where the case stands, to be moved from there. */
function show(viewer, element) {
  const canvas = viewer.get("canvas");
  const whole = canvas.zoom("fit-viewport", "auto");
  if (whole >= READABLE) return;
  const [here] = [...ids(element, "current"), ...ids(element, "done")];
  canvas.zoom(READABLE);
  if (here && viewer.get("elementRegistry").get(here)) canvas.scrollToElement(here, element.clientWidth / 3);
}

async function draw(element) {
  const viewer = new NavigatedViewer({ container: element });
  try {
    const answer = await fetch(element.dataset.diagram, { headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    await viewer.importXML(await answer.text());
    show(viewer, element);
    mark(viewer, element, "done", "is-done");
    mark(viewer, element, "current", "is-current");
    element.dataset.drawn = "yes";
  } catch (problem) {
    viewer.destroy();
    element.dataset.drawn = "no";
    const message = element.querySelector("[data-diagram-problem]");
    if (message) message.hidden = false;
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    draw(entry.target);
  }
});

for (const element of document.querySelectorAll("[data-diagram]")) seen.observe(element);
