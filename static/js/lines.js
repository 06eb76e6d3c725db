// The table of activity lines: add, remove with Undo, units that follow the category, paste from a workbook.
import { announceChange } from "./changes.js";
import { findOption, isBlock, readBlock } from "./clipboard.js";
import { showError } from "./errors.js";
import { say, sayCount } from "./words.js";

class LineTable {
  constructor(box) {
    this.box = box;
    this.form = box.closest("form");
    this.body = box.querySelector("[data-line-rows]");
    this.blank = box.querySelector("[data-line-template]");
    this.known = new Map();
    for (const list of box.querySelectorAll("template[data-options-of]")) {
      this.known.set(list.dataset.optionsOf, [...list.content.children]);
    }
    this.most = Number(box.dataset.most);
    this.status = this.form.querySelector("[data-lines-status]");
    box.addEventListener("change", (event) => this.changed(event.target));
    box.addEventListener("click", (event) => this.clicked(event));
    box.addEventListener("paste", (event) => this.pasted(event));
    this.form.querySelector("[data-line-add]")?.addEventListener("click", (event) => this.addClicked(event));
  }

  get rows() {
    return [...this.body.querySelectorAll("[data-line]")].filter((row) => !row.hidden);
  }

  cells(row) {
    return [...row.querySelectorAll("[data-column]")];
  }

  cell(row, column) {
    return row.querySelector(`[data-column="${column}"]`);
  }

  // Adding

  addRow() {
    const all = [...this.body.querySelectorAll("[data-line]")];
    if (this.rows.length >= this.most) return null;
    const index = Math.max(-1, ...all.map((row) => Number(row.dataset.line))) + 1;
    const number = Math.max(0, ...all.map((row) => this.numberOf(row))) + 1;
    const row = this.blank.content.firstElementChild.cloneNode(true);
    for (const element of [row, ...row.querySelectorAll("*")]) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replaceAll("lines--1", `lines-${index}`));
      }
    }
    row.dataset.line = index;
    // The key makes a row that is sent twice, because an answer was lost, the same row.
    row.querySelector("[name$='-key']").value = crypto.randomUUID?.() ?? "";
    row.querySelector("[data-line-number]").textContent = number;
    row.querySelector("[name=remove]").value = index;
    for (const hidden of row.querySelectorAll(".visually-hidden")) {
      hidden.textContent = hidden.textContent.replace("-1", number);
    }
    this.body.append(row);
    return row;
  }

  numberOf(row) {
    return Number(row.querySelector("[data-line-number]").textContent);
  }

  addClicked(event) {
    event.preventDefault();
    const row = this.addRow();
    if (!row) {
      this.tell(say("lines_full", { count: this.most }));
      return;
    }
    this.cells(row)[0].focus();
    this.tell(say("line_added", { number: this.numberOf(row) }));
  }

  // Removing: the line stays, out of sight, until it is saved or the page is left

  clicked(event) {
    const button = event.target.closest("[data-line-remove]");
    if (!button) return;
    event.preventDefault();
    this.remove(button.closest("[data-line]"));
  }

  remove(row) {
    const notes = row.nextElementSibling?.classList.contains("line-notes") ? row.nextElementSibling : null;
    const mark = document.createElement("input");
    mark.type = "hidden";
    mark.name = `lines-${row.dataset.line}-removed`;
    mark.value = "1";
    row.querySelector("th").append(mark);
    row.hidden = true;
    if (notes) notes.hidden = true;
    announceChange(this.form);
    this.tellWithUndo(say("line_removed", { number: this.numberOf(row) }), () => {
      mark.remove();
      row.hidden = false;
      if (notes) notes.hidden = false;
      announceChange(this.form);
      this.cells(row)[0].focus();
      this.tell(say("line_back", { number: this.numberOf(row) }));
    }).focus();
  }

  // Units that fit the category

  changed(control) {
    control.classList.remove("needs-attention", "just-pasted");
    if (control.dataset.column === "category") this.fitUnits(control.closest("[data-line]"));
  }

  // The old unit stays when it fits; a single fitting unit is taken; the quantity is never touched.
  fitUnits(row) {
    const chosen = this.cell(row, "category").value;
    const category = this.known.get("category").find((option) => option.value === chosen);
    const unit = this.cell(row, "unit");
    const fitting = (category?.dataset.units ?? "").split(" ").filter(Boolean);
    const old = unit.value;
    const byValue = new Map(this.known.get("unit").map((option) => [option.value, option]));
    const offered = fitting.length ? ["", ...fitting.filter((code) => byValue.has(code))] : [...byValue.keys()];
    unit.replaceChildren(...offered.map((code) => byValue.get(code).cloneNode(true)));
    const only = fitting.length === 1 ? fitting[0] : "";
    unit.value = old && offered.includes(old) ? old : only;
  }

  // Pasting a block, from the focused cell on

  pasted(event) {
    const start = event.target.closest?.("[data-column]");
    const text = event.clipboardData.getData("text/plain");
    if (!start || (start instanceof HTMLInputElement && !isBlock(text))) return;
    event.preventDefault();
    const block = this.withoutHeader(readBlock(text));
    const before = this.snapshot();
    const counts = this.fill(start, block);
    announceChange(this.form);
    this.tellWithUndo(this.pasteReport(counts), () => this.restore(before));
  }

  withoutHeader(block) {
    const titles = [...this.box.querySelectorAll("thead th")].map((cell) => cell.textContent.trim().toLowerCase());
    const isTitle = (cell) => titles.includes(cell.toLowerCase());
    const isHeader = block.length > 1 && block[0].length > 1 && block[0].filter(isTitle).length * 2 >= block[0].length;
    return isHeader ? block.slice(1) : block;
  }

  fill(start, block) {
    const column = this.cells(start.closest("[data-line]")).indexOf(start);
    let at = this.rows.indexOf(start.closest("[data-line]"));
    const counts = { rows: 0, attention: 0, left: 0 };
    for (const values of block) {
      const row = this.rows[at] ?? this.addRow();
      if (!row) {
        counts.left += 1;
        continue;
      }
      counts.attention += this.fillRow(row, column, values);
      counts.rows += 1;
      at += 1;
    }
    return counts;
  }

  fillRow(row, column, values) {
    let attention = 0;
    this.cells(row).slice(column).forEach((control, offset) => {
      if (offset >= values.length || values[offset] === "") return;
      const fits = this.put(control, values[offset]);
      control.classList.toggle("just-pasted", fits);
      control.classList.toggle("needs-attention", !fits);
      showError(control, fits ? "" : say("not_in_list", { text: values[offset] }));
      if (!fits) attention += 1;
      if (control.dataset.column === "category") this.fitUnits(row);
    });
    return attention;
  }

  put(control, text) {
    if (!(control instanceof HTMLSelectElement)) {
      control.value = text;
      return true;
    }
    const offered = new Set([...control.options].map((option) => option.value));
    const known = this.known.get(control.dataset.column).filter((option) => offered.has(option.value));
    const option = findOption(known, text);
    control.value = option?.value ?? "";
    return option !== undefined;
  }

  pasteReport({ rows, attention, left }) {
    const parts = [sayCount("rows_pasted", rows)];
    if (attention) parts.push(sayCount("cells_attention", attention));
    if (left) parts.push(sayCount("rows_left", left, { most: this.most }));
    return parts.join(" ");
  }

  snapshot() {
    return new Map(this.rows.map((row) => [row, this.cells(row).map((control) => control.value)]));
  }

  restore(before) {
    for (const row of this.rows) {
      const values = before.get(row) ?? this.cells(row).map(() => "");
      this.cells(row).forEach((control, at) => {
        control.value = values[at];
        control.classList.remove("just-pasted", "needs-attention");
        showError(control, "");
        if (control.dataset.column === "category") this.fitUnits(row);
      });
      if (!before.has(row) && !row.querySelector("[name$='-version']").value) row.remove();
    }
    announceChange(this.form);
    this.tell(say("paste_undone"));
  }

  // Telling

  tell(message) {
    this.status.textContent = message;
  }

  tellWithUndo(message, undo) {
    this.tell(message);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn-plain";
    button.textContent = say("undo");
    button.addEventListener("click", undo);
    this.status.append(" ", button);
    return button;
  }
}

export function enliven(root) {
  for (const box of root.querySelectorAll("[data-lines]")) new LineTable(box);
}
