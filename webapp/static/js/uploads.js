// A file that was refused as a whole (too large, signed out) says so at its field: htmx leaves such answers out.

document.addEventListener("htmx:responseError", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLInputElement) || field.type !== "file") return;
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  const said = page.querySelector("h1");
  const box = field.parentElement.querySelector(".upload-refused") || document.createElement("div");
  box.className = "invalid-feedback d-block upload-refused";
  box.setAttribute("role", "alert");
  box.textContent = said ? said.textContent : String(event.detail.xhr.status);
  field.after(box);
  field.value = "";
});
