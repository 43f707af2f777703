// Ticking rows of the inbox: the link ticks all or none without asking for the page again, the button says how many.
//
// htmx swaps the list, so everything is listened for on the document.

const boxes = () => [...document.querySelectorAll('input[type="checkbox"][form="batch"]')];

function count() {
  const place = document.querySelector("[data-tick-count]");
  if (!place) return;
  const ticked = boxes().filter((box) => box.checked).length;
  place.textContent = ticked ? ` (${ticked})` : "";
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-tick-all]");
  if (!link) return;
  event.preventDefault();
  const wanted = boxes().some((box) => !box.checked);
  for (const box of boxes()) box.checked = wanted;
  count();
});

document.addEventListener("change", (event) => {
  if (event.target.matches('input[type="checkbox"][form="batch"]')) count();
});

document.addEventListener("htmx:afterSwap", count);
count();
