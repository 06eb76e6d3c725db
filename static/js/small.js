// Small comforts: focus on the error summary, show a password, print, close a menu.
import { say } from "./words.js";

export function focusErrorSummary(root) {
  root.querySelector("[data-error-summary]")?.focus();
}

export function passwordButtons(root) {
  for (const button of root.querySelectorAll("[data-show-password]")) {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    const text = button.firstChild;
    const show = (isShown) => {
      input.type = isShown ? "text" : "password";
      button.setAttribute("aria-pressed", String(isShown));
      text.textContent = say(isShown ? "hide" : "show");
    };
    button.hidden = false;
    button.addEventListener("click", () => show(input.type === "password"));
    // Never sent as a text field, because browsers remember what was typed into those.
    input.form?.addEventListener("submit", () => show(false));
  }
}

export function printButtons(root) {
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

export function menus(root) {
  for (const menu of root.querySelectorAll("details[data-menu]")) {
    root.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
}
