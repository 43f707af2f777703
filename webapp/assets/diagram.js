// Draws process diagrams: every element with data-diagram="address of the BPMN text".
//
// data-done and data-current hold element ids, separated by spaces: the way so far and where the case stands. The
// drawing starts when the element comes into view, since most readers decide without looking at it.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

function ids(element, name) {
  return (element.dataset[name] || "").split(/\s+/).filter(Boolean);
}

function mark(viewer, element, attribute, className) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  for (const id of ids(element, attribute)) if (registry.get(id)) canvas.addMarker(id, className);
}

async function draw(element) {
  const viewer = new NavigatedViewer({ container: element });
  try {
    const answer = await fetch(element.dataset.diagram, { headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    await viewer.importXML(await answer.text());
    viewer.get("canvas").zoom("fit-viewport", "auto");
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
