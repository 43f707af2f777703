// The pad for a signature: draws with one finger, a pen or the mouse, and writes the strokes into the form.
//
// A stroke is a list of [x, y] in whole units of the drawing's own box, 600 × 200 whatever the size on the screen.

const WIDTH = 600;
const HEIGHT = 200;
/** Points nearer than this to the one before say nothing. */
const APART = 3;
/** A little less than the server takes. */
const LONGEST = 19000;

function within(value, most) {
  return Math.min(most, Math.max(0, Math.round(value)));
}

function path(stroke) {
  const [first, ...rest] = stroke.map(([x, y]) => `${x} ${y}`);
  return `M${first}L${(rest.length ? rest : [first]).join("L")}`;
}

/** Half the points of each stroke, its ends among them. */
function thinned(strokes) {
  return strokes.map((stroke) => stroke.filter((_, at) => at % 2 === 0 || at === stroke.length - 1));
}

function read(text) {
  try {
    const strokes = JSON.parse(text || "[]");
    return Array.isArray(strokes) ? strokes : [];
  } catch {
    return [];
  }
}

function equip(pad) {
  const svg = pad.querySelector(".signature-area");
  const input = pad.querySelector("input[type=hidden]");
  const clear = pad.querySelector("[data-signature-clear]");
  let strokes = read(input.value);
  let stroke = null;

  const show = () => {
    svg.replaceChildren(
      ...strokes.filter((each) => each.length).map((each) => {
        const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
        line.setAttribute("d", path(each));
        return line;
      }),
    );
    clear.disabled = strokes.length === 0;
  };
  const keep = () => {
    let text = JSON.stringify(strokes);
    while (text.length > LONGEST) {
      strokes = thinned(strokes);
      text = JSON.stringify(strokes);
    }
    input.value = strokes.length ? text : "";
    show();
  };
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    const x = within(((event.clientX - box.left) / box.width) * WIDTH, WIDTH);
    const y = within(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT);
    const last = stroke[stroke.length - 1];
    if (!last || Math.hypot(x - last[0], y - last[1]) >= APART) stroke.push([x, y]);
  };

  svg.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    event.preventDefault();
    svg.setPointerCapture(event.pointerId);
    stroke = [];
    strokes.push(stroke);
    point(event);
    show();
  });
  svg.addEventListener("pointermove", (event) => {
    if (!stroke || !event.isPrimary) return;
    // A fast finger makes several points between two pictures.
    const several = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const each of several.length ? several : [event]) point(each);
    svg.lastChild.setAttribute("d", path(stroke));
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    svg.addEventListener(end, () => {
      if (!stroke) return;
      stroke = null;
      keep();
    });
  }
  clear.addEventListener("click", () => {
    strokes = [];
    keep();
  });
  // Shown for good: a button that came with the first stroke would move the pad under the finger.
  clear.hidden = false;
  show();
}

for (const pad of document.querySelectorAll("[data-signature]")) equip(pad);
