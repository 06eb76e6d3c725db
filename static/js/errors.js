// Messages beside controls, named by id like those that the server writes.

function describe(control, id, isDescribed) {
  const ids = new Set((control.getAttribute("aria-describedby") ?? "").split(/\s+/).filter(Boolean));
  if (isDescribed) ids.add(id);
  else ids.delete(id);
  if (ids.size) control.setAttribute("aria-describedby", [...ids].join(" "));
  else control.removeAttribute("aria-describedby");
}

function markRow(control) {
  const row = control.closest("[data-line]");
  if (row) row.classList.toggle("has-error", row.querySelector("[aria-invalid]") !== null);
}

/** Put a message beside a control; without a message take the old one away. */
export function showError(control, message) {
  const id = `${control.id}-error`;
  let shown = document.getElementById(id);
  if (!message) {
    shown?.remove();
    control.removeAttribute("aria-invalid");
  } else {
    if (!shown) {
      shown = document.createElement("p");
      shown.className = "field-error";
      shown.id = id;
      control.after(shown);
    }
    shown.textContent = message;
    control.setAttribute("aria-invalid", "true");
  }
  describe(control, id, Boolean(message));
  markRow(control);
}
