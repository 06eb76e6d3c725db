// Saves a form one second after a pause. Nothing that a person types is ever overwritten by an answer.
import { markClean, onChange } from "./changes.js";
import { showError } from "./errors.js";
import { say } from "./words.js";

const PAUSE = 1000;
const FIRST_RETRY = 5000;
const LAST_RETRY = 60000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.address = form.dataset.autosave || form.action;
    this.status = form.querySelector("[data-save-status]");
    this.timer = null;
    this.retryIn = FIRST_RETRY;
    this.running = null;
    this.changes = 0;
    this.isStopped = false;
    onChange(form, () => this.changed());
    form.addEventListener("submit", (event) => this.beforeSubmit(event));
    window.addEventListener("online", () => this.changes && this.schedule(0));
  }

  changed() {
    this.changes += 1;
    this.schedule(PAUSE);
  }

  schedule(delay) {
    clearTimeout(this.timer);
    if (!this.isStopped) this.timer = setTimeout(() => this.save(), delay);
  }

  // A submit waits for the save under way, so that it carries the version which that save brings back.
  beforeSubmit(event) {
    clearTimeout(this.timer);
    if (!this.running) return;
    event.preventDefault();
    const submitter = event.submitter;
    this.running.finally(() => {
      clearTimeout(this.timer);
      this.isStopped = true;
      this.form.requestSubmit(submitter);
    });
  }

  save() {
    if (this.running) return this.running;
    this.running = this.send().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  async send() {
    const before = this.changes;
    const sent = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") sent.append(name, value);
    sent.set("act", "autosave");
    this.tell(say("saving"));
    let answer;
    try {
      answer = await this.post(sent);
    } catch {
      this.failed(say("not_saved"));
      return;
    }
    if (answer.isFinal) {
      this.isStopped = true;
      this.tell(answer.message, { isBad: true });
    } else if (!answer.saved) {
      this.failed(answer.message || say("not_saved"));
    } else {
      this.saved(answer, sent, before);
    }
  }

  async post(body) {
    const response = await fetch(this.address, {
      method: "POST",
      body,
      redirect: "manual",
      headers: { Accept: "application/json", "X-Portal-Autosave": "1" },
    });
    if (response.type === "opaqueredirect" || response.status === 401) return { message: say("logged_out") };
    const isJson = (response.headers.get("Content-Type") ?? "").includes("json");
    const answer = isJson ? await response.json() : {};
    if (response.status === 409) return { message: answer.message || say("changed_elsewhere"), isFinal: true };
    return response.ok ? answer : { message: answer.message };
  }

  saved(answer, sent, before) {
    this.retryIn = FIRST_RETRY;
    this.fillHidden(answer.fields ?? {});
    for (const [id, text] of Object.entries(answer.texts ?? {})) {
      const element = document.getElementById(id);
      if (element) element.textContent = text;
    }
    if (this.changes === before) this.showMore(answer.more ?? {});
    this.showErrors(answer.errors ?? {}, sent);
    this.showBelow(answer.below ?? {});
    this.tell(answer.message || say("saved", { time: answer.saved }));
    if (this.changes === before) {
      this.changes = 0;
      markClean(this.form);
    } else {
      this.schedule(PAUSE);
    }
  }

  fillHidden(fields) {
    for (const [name, value] of Object.entries(fields)) {
      const field = this.form.elements.namedItem(name);
      if (field instanceof HTMLInputElement && field.type === "hidden") field.value = value;
    }
  }

  // What stands under a line; it waits for the next answer while somebody types there.
  showMore(more) {
    for (const [id, html] of Object.entries(more)) {
      const line = document.getElementById(id);
      const old = document.getElementById(`${id}-more`);
      if (!line || old?.contains(document.activeElement)) continue;
      old?.remove();
      line.insertAdjacentHTML("afterend", html);
    }
  }

  // Only controls whose text is still the one that was judged are marked or cleared.
  showErrors(errors, sent) {
    for (const control of this.form.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      const isJudged = control.name && sent.get(control.name) === control.value;
      if (isJudged && (errors[control.name] || control.hasAttribute("aria-invalid"))) {
        showError(control, errors[control.name]);
      }
    }
  }

  // What stands under a line is replaced as a whole, but never while somebody is in it.
  showBelow(below) {
    for (const [prefix, html] of Object.entries(below)) {
      const row = document.getElementById(prefix);
      const old = document.getElementById(`${prefix}-more`);
      if (!row || old?.contains(document.activeElement)) continue;
      const holder = document.createElement("template");
      holder.innerHTML = html;
      const fresh = holder.content.querySelector("tr");
      if (old && fresh) old.replaceWith(fresh);
      else if (old) old.remove();
      else if (fresh) row.after(fresh);
    }
  }

  failed(message) {
    this.tell(message, { isBad: true, retry: true });
    this.schedule(this.retryIn);
    this.retryIn = Math.min(this.retryIn * 2, LAST_RETRY);
  }

  tell(message, { isBad = false, retry = false } = {}) {
    if (!this.status) return;
    this.status.classList.toggle("is-bad", isBad);
    this.status.textContent = message;
    if (!retry) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-plain";
    button.textContent = say("retry");
    button.addEventListener("click", () => this.schedule(0));
    this.status.append(" ", button);
  }
}

export function autosaveForms(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) new Autosave(form);
}

