// The board: dragging a card to the next stage opens the step that leads there. It changes nothing by itself, and the
// card's own button does the same.

const board = document.querySelector("[data-board]");

if (board) {
  let dragged = null;

  const isNext = (column) => dragged && Number(column.dataset.stage) === Number(dragged.dataset.stage) + 1;

  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-next]");
    event.dataTransfer.setData("text/plain", dragged ? dragged.dataset.sale : "");
    event.dataTransfer.effectAllowed = "move";
  });
  board.addEventListener("dragend", () => {
    dragged = null;
    for (const column of board.querySelectorAll(".is-target")) column.classList.remove("is-target");
  });
  for (const column of board.querySelectorAll(".sale-column")) {
    column.addEventListener("dragover", (event) => {
      if (!isNext(column)) return;
      event.preventDefault();
      column.classList.add("is-target");
    });
    column.addEventListener("dragleave", () => column.classList.remove("is-target"));
    column.addEventListener("drop", (event) => {
      event.preventDefault();
      if (isNext(column)) window.location.assign(dragged.dataset.next);
    });
  }
}
