// What makes the pages quicker to use. Every page works without this file; docs/pages.md lists the attributes it reads.
import { guardForms } from "./changes.js";
import { autosaveForms } from "./autosave.js";
import { enliven as enlivenLines } from "./lines.js";
import { enliven as enlivenTraces } from "./trace.js";
import { enliven as enlivenPasskeys } from "./passkeys.js";
import { enliven as enlivenUploads } from "./upload.js";
import { focusErrorSummary, menus, passwordButtons, printButtons } from "./small.js";

guardForms(document);
autosaveForms(document);
enlivenLines(document);
enlivenTraces(document);
enlivenPasskeys(document);
enlivenUploads(document);
menus(document);
passwordButtons(document);
printButtons(document);
focusErrorSummary(document);
