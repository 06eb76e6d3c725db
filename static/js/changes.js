// Which forms hold answers that are not saved yet, and the question before the page is left with them.
const dirty = new Set();
const submitting = new WeakSet();

export const CHANGED = "portal:changed";

export function markClean(form) {
  dirty.delete(form);
}

export function hasUnsaved() {
  return [...dirty].some((form) => !submitting.has(form));
}

/** Tell everybody that a form changed by other means than typing. */
export function announceChange(form) {
  form.dispatchEvent(new CustomEvent(CHANGED, { bubbles: true }));
}

/** Call `act` whenever something in the form changes, by a person or by a script. */
export function onChange(form, act) {
  for (const kind of ["input", "change", CHANGED]) form.addEventListener(kind, act);
}

export function guardForms(root) {
  for (const form of root.querySelectorAll("form[data-guard], form[data-autosave]")) {
    onChange(form, () => dirty.add(form));
    form.addEventListener("submit", () => submitting.add(form));
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) submitting.delete(form);
  });
  window.addEventListener("beforeunload", (event) => {
    if (hasUnsaved()) event.preventDefault();
  });
}
