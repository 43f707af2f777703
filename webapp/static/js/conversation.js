// Comfort around opinions and comments: one tap puts a stock phrase in, and an @ offers people while one types.

for (const chips of document.querySelectorAll("[data-phrases]")) chips.hidden = false;

function insert(field, from, to, text) {
  field.setRangeText(text, from, to, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-phrase]");
  if (!chip) return;
  const field = document.getElementById(chip.closest("[data-phrases]").dataset.phrases);
  if (!field) return;
  // Where nothing was typed the phrase stands alone; else it goes where the cursor is.
  const at = field.value.trim() ? field.selectionEnd : 0;
  insert(field, at, field.value.trim() ? at : field.value.length, chip.dataset.phrase);
});

const MENTION = /(^|[^A-Za-z0-9._%+@-])@([^\s@,，、;；:：。]{0,20})$/;
let asked = 0;

async function offerPeople(field) {
  const list = field.parentElement.querySelector(".mention-list") || field.parentElement.appendChild(document.createElement("div"));
  list.className = "mention-list";
  const found = MENTION.exec(field.value.slice(0, field.selectionEnd));
  const turn = ++asked;
  if (!found) return list.replaceChildren();
  const answer = await fetch(`${field.dataset.mentions}?typed=${encodeURIComponent(found[2])}`);
  if (!answer.ok || turn !== asked) return;
  const options = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("option");
  const end = field.selectionEnd;
  list.replaceChildren(...Array.from(options).slice(0, 6).map((option) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = option.label;
    button.addEventListener("click", () => {
      insert(field, end - found[2].length, end, `${option.value} `);
      list.replaceChildren();
    });
    return button;
  }));
}

document.addEventListener("input", (event) => {
  if (event.target.dataset && event.target.dataset.mentions) offerPeople(event.target);
});
