// What a workbook puts on the clipboard, and how its words find an option.

/** Rows of cells from tab-separated text; a quoted cell may hold tabs, line ends and doubled quotes. */
export function readBlock(text) {
  const rows = [[""]];
  let quoted = false;
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < clean.length; at += 1) {
    const sign = clean[at];
    const row = rows[rows.length - 1];
    const last = row.length - 1;
    if (quoted) {
      if (sign !== '"') row[last] += sign;
      else if (clean[at + 1] === '"') {
        row[last] += '"';
        at += 1;
      } else quoted = false;
    } else if (sign === '"' && row[last] === "") quoted = true;
    else if (sign === "\t") row.push("");
    else if (sign === "\n") rows.push([""]);
    else row[last] += sign;
  }
  return rows.map((row) => row.map((cell) => cell.trim()));
}

/** Whether the text is more than one cell. */
export function isBlock(text) {
  return /[\t\n\r]/.test(text.replace(/[\r\n]+$/, ""));
}

function plain(text) {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");
}

/** The option that the words mean, by code, label or other name; undefined when none or several do. */
export function findOption(options, words) {
  const wanted = plain(words);
  const names = (option) => [option.value, option.textContent, ...(option.dataset.also ?? "").split("|")];
  const exact = options.filter((option) => option.value === words);
  if (exact.length === 1) return exact[0];
  const found = options.filter((option) => names(option).some((name) => name && plain(name) === wanted));
  return found.length === 1 ? found[0] : undefined;
}
