// Sends a form with files and shows how far it is. Without this the browser sends the form itself.
import { say } from "./words.js";

const SHOWS_PERCENT = 100;

function tooLarge(input) {
  const limit = Number(input.dataset.limit);
  return limit ? [...input.files].find((file) => file.size > limit) : undefined;
}

class Upload {
  constructor(form) {
    this.form = form;
    this.input = form.querySelector("input[type=file]");
    this.progress = form.querySelector("[data-upload-progress]");
    this.status = form.querySelector("[data-upload-status]");
    form.addEventListener("submit", (event) => this.submitted(event));
    this.input.addEventListener("change", () => this.chosen());
  }

  chosen() {
    const file = tooLarge(this.input);
    this.tell(file ? say("file_too_large", { name: file.name }) : "", Boolean(file));
  }

  submitted(event) {
    if (!this.input.files.length) return;
    event.preventDefault();
    const file = tooLarge(this.input);
    if (file) this.tell(say("file_too_large", { name: file.name }), true);
    else this.send(new FormData(this.form, event.submitter));
  }

  send(body) {
    const request = new XMLHttpRequest();
    request.open("POST", this.form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => this.show(event));
    request.addEventListener("load", () => this.answered(request));
    request.addEventListener("error", () => this.failed(say("upload_failed")));
    this.progress.hidden = false;
    this.lock(true);
    this.tell(say("uploading", { percent: 0 }));
    request.send(body);
  }

  show(event) {
    if (!event.lengthComputable) return;
    const percent = Math.floor((event.loaded / event.total) * SHOWS_PERCENT);
    this.progress.value = percent;
    this.tell(percent < SHOWS_PERCENT ? say("uploading", { percent }) : say("checking_file"));
  }

  answered(request) {
    let answer = {};
    try {
      answer = JSON.parse(request.responseText);
    } catch {
      answer = {};
    }
    const isDone = request.status >= 200 && request.status < 300;
    if (isDone && typeof answer.next === "string") window.location.assign(answer.next);
    else if (isDone) window.location.reload();
    else this.failed(answer.message || say(request.status === 413 ? "request_too_large" : "upload_failed"));
  }

  failed(message) {
    this.progress.hidden = true;
    this.lock(false);
    this.tell(message, true);
  }

  lock(isLocked) {
    for (const button of this.form.querySelectorAll("button[type=submit]")) button.disabled = isLocked;
  }

  tell(message, isBad = false) {
    this.status.classList.toggle("is-bad", isBad);
    this.status.textContent = message;
  }
}

export function enliven(root) {
  for (const form of root.querySelectorAll("form[data-upload]")) new Upload(form);
}
