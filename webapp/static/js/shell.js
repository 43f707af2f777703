// Comfort on top of pages that work without it: menus close by themselves, grave buttons ask once more.

for (const kind of ["click", "keydown"]) {
  document.addEventListener(kind, (event) => {
    if (kind === "keydown" && event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (kind === "click" && menu.contains(event.target)) continue;
      menu.open = false;
      if (kind === "keydown") menu.querySelector("summary").focus();
    }
  });
}

document.addEventListener("submit", (event) => {
  const question = (event.submitter && event.submitter.dataset.confirm) || event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
