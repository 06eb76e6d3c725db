"""Evidence files: which kinds are taken, how large and how many, and the verdict of looking into one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.calculation.problems import Problem, problem
from portal.domain.words import N_

MIB = 1024 * 1024

LARGEST_FILE = 25 * MIB
MOST_FILES_A_REQUEST = 20
# A costly file takes ten seconds; whoever sends twenty of them holds a process as long as that takes.
LONGEST_LOOKING_SECONDS = 30
MOST_FILES_A_MEMBER = 2000
LARGEST_TOTAL_A_MEMBER = 2048 * MIB


class EvidenceKind(StrEnum):
    """What a file is by its content; its extension must say the same."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    PNG = "png"
    JPEG = "jpeg"


MEDIA_TYPES: dict[EvidenceKind, str] = {
    EvidenceKind.PDF: "application/pdf",
    EvidenceKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    EvidenceKind.CSV: "text/csv",
    EvidenceKind.PNG: "image/png",
    EvidenceKind.JPEG: "image/jpeg",
}

_KIND_OF_EXTENSION: dict[str, EvidenceKind] = {
    "pdf": EvidenceKind.PDF,
    "xlsx": EvidenceKind.XLSX,
    "csv": EvidenceKind.CSV,
    "png": EvidenceKind.PNG,
    "jpg": EvidenceKind.JPEG,
    "jpeg": EvidenceKind.JPEG,
}
EXTENSIONS = frozenset(_KIND_OF_EXTENSION)


class Outcome(StrEnum):
    """How looking into a file ended."""

    ACCEPTED = "accepted"
    FLAGGED = "flagged"
    REJECTED = "rejected"


class Note(StrEnum):
    """What a reviewer should know about an accepted file; all but the quiet ones flag it."""

    SCRIPT = "script"
    AUTOMATIC_LINK = "automatic_link"
    FORM_SUBMISSION = "form_submission"
    EXTERNAL_FILE = "external_file"
    EMBEDDED_FILE = "embedded_file"
    MULTIMEDIA = "multimedia"
    FORM_LOGIC = "form_logic"
    SIGNATURE_NOT_CHECKED = "signature_not_checked"
    EXTERNAL_DATA = "external_data"
    FOREIGN_DATA = "foreign_data"
    HIDDEN_SHEET = "hidden_sheet"
    SEVERAL_REVISIONS = "several_revisions"
    ANIMATED = "animated"


# These say something about the file without being a risk or a doubt.
QUIET_NOTES = frozenset({Note.SEVERAL_REVISIONS, Note.ANIMATED, Note.HIDDEN_SHEET})

NOTE_TEXTS: dict[Note, str] = {
    Note.SCRIPT: N_("Contains a script. Nothing runs here, but open it with care."),
    Note.AUTOMATIC_LINK: N_("Opens a web address by itself when it is opened."),
    Note.FORM_SUBMISSION: N_("Contains a form that sends data to an address."),
    Note.EXTERNAL_FILE: N_("Refers to a file outside itself."),
    Note.EMBEDDED_FILE: N_("Contains another file, which was not looked into."),
    Note.MULTIMEDIA: N_("Contains sound, video or 3D content."),
    Note.FORM_LOGIC: N_("Contains an XFA form, which few programs show."),
    Note.SIGNATURE_NOT_CHECKED: N_("Carries a signature that was not checked. Don't rely on it."),
    Note.EXTERNAL_DATA: N_("Loads data from outside when it is opened."),
    Note.FOREIGN_DATA: N_("Has further data before or after the document."),
    Note.HIDDEN_SHEET: N_("Has hidden sheets."),
    Note.SEVERAL_REVISIONS: N_(
        "Was changed after it was first saved; earlier revisions are inside."
    ),
    Note.ANIMATED: N_("Has several frames; only the first one is looked at."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What looking into a file found: its kind and notes, or the code of the reason to refuse it."""

    outcome: Outcome
    kind: EvidenceKind | None = None
    notes: tuple[Note, ...] = ()
    reason: str = ""

    @property
    def is_accepted(self) -> bool:
        """Whether the file may be kept."""
        return self.outcome is not Outcome.REJECTED

    def problems(self, field: str, name: str) -> tuple[Problem, ...]:
        """The refusal as a Problem that names the file; nothing for an accepted one."""
        return () if self.is_accepted else (problem(self.reason, field, name=name),)


def accept(kind: EvidenceKind, notes: Iterable[Note] = ()) -> Verdict:
    """Accept the file; any note about active content flags it."""
    ordered = tuple(sorted(set(notes), key=list(Note).index))
    flagged = any(note not in QUIET_NOTES for note in ordered)
    return Verdict(Outcome.FLAGGED if flagged else Outcome.ACCEPTED, kind, ordered)


def reject(reason: str) -> Verdict:
    """Refuse the file for the reason with that code of REASONS."""
    return Verdict(Outcome.REJECTED, reason=reason)


def kind_of_name(name: str) -> EvidenceKind | None:
    """The kind that the name's extension claims, or None for an extension that is not taken."""
    return _KIND_OF_EXTENSION.get(name.rpartition(".")[2].lower()) if "." in name else None


def kind_of_start(start: bytes) -> EvidenceKind | None:
    """The kind that the first 1,024 bytes show; None for another signature, and CSV for what may be text.

    A PDF's header may stand anywhere in the first 1,024 bytes, as its readers allow.
    """
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return EvidenceKind.PNG
    if start.startswith(b"\xff\xd8\xff"):
        return EvidenceKind.JPEG
    if start.startswith(b"PK\x03\x04"):
        return EvidenceKind.XLSX
    if b"%PDF-" in start[:1024]:
        return EvidenceKind.PDF
    return None if start.startswith(_FOREIGN_STARTS) else EvidenceKind.CSV


_FOREIGN_STARTS = (
    b"GIF8", b"II*\x00", b"MM\x00*", b"SIMPLE  =", b"8BPS", b"BM", b"RIFF", b"%!PS", b"\xc5\xd0\xd3\xc6", b"MZ",
    b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x05\x06", b"#!",
)  # fmt: skip

PASSWORD_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def quota_problems(
    field: str, *, new_sizes: Iterable[int], kept_files: int, kept_bytes: int
) -> tuple[Problem, ...]:
    """Hold new files against the limits of one request and of the member's store; sizes are in bytes."""
    sizes = list(new_sizes)
    problems = []
    if len(sizes) > MOST_FILES_A_REQUEST:
        problems.append(
            problem("evidence.too_many_at_once", field, most=MOST_FILES_A_REQUEST, given=len(sizes))
        )
    if any(size > LARGEST_FILE for size in sizes):
        problems.append(problem("evidence.too_large", field, largest=LARGEST_FILE // MIB))
    if kept_files + len(sizes) > MOST_FILES_A_MEMBER:
        problems.append(
            problem("evidence.too_many", field, most=MOST_FILES_A_MEMBER, kept=kept_files)
        )
    if kept_bytes + sum(sizes) > LARGEST_TOTAL_A_MEMBER:
        problems.append(
            problem("evidence.store_full", field, largest=LARGEST_TOTAL_A_MEMBER // MIB)
        )
    return tuple(problems)


REASONS: dict[str, str] = {
    "evidence.empty": N_("“%(name)s” is empty. Choose the file again."),
    "evidence.kind": N_(
        "“%(name)s” is not a PDF, XLSX, CSV, PNG or JPEG file. Save it as one of these."
    ),
    "evidence.kind_and_name_differ": N_(
        "The content of “%(name)s” is of another kind than its name says. Save it again in the right format."
    ),
    "evidence.damaged": N_(
        "“%(name)s” is damaged or incomplete. Open it, save it again and upload the new file."
    ),
    "evidence.encrypted": N_(
        "“%(name)s” is protected by a password. Remove the password and upload it again."
    ),
    "evidence.starts_programs": N_(
        "“%(name)s” tries to start a program. Print it to a new PDF and upload that."
    ),
    "evidence.two_kinds": N_(
        "“%(name)s” is two kinds of file at once. Save it again as one ordinary file."
    ),
    "evidence.page_loop": N_(
        "The pages of “%(name)s” refer to themselves. Print it to a new PDF and upload that."
    ),
    "evidence.too_large_picture": N_(
        "The picture “%(name)s” is larger than 10,000 pixels a side or 40 million in all. Make it smaller."
    ),
    "evidence.hidden_data": N_(
        "“%(name)s” is packed in a way that could hide data. Open it, save it again and upload the new file."
    ),
    "evidence.macros": N_(
        "“%(name)s” contains macros. Save it as an ordinary workbook (.xlsx) without them."
    ),
    "evidence.doctype": N_(
        "“%(name)s” contains a document type declaration, which no spreadsheet needs. Save it again."
    ),
    "evidence.not_text": N_("“%(name)s” can't be read as text. Save it as CSV in UTF-8."),
    "evidence.web_page": N_("“%(name)s” is a web page. Export the data itself as CSV or XLSX."),
    "evidence.virus_test": N_("“%(name)s” was recognised by the virus check. It is not kept."),
    "evidence.too_costly": N_(
        "“%(name)s” needs too much time or memory to check. Save it as a simpler, smaller file."
    ),
    "evidence.not_inspected": N_(
        "“%(name)s” could not be checked. Try again; if it stays so, save it in another format."
    ),
}

LIMIT_MESSAGES: dict[str, str] = {
    "evidence.none_chosen": N_("Choose a file first, then upload it."),
    "evidence.too_many_at_once": N_("You chose %(given)s files. Upload at most %(most)s at once."),
    "evidence.not_looked_at": N_(
        "“%(name)s” was not looked into, because the files before it took too long. Upload it again."
    ),
    "evidence.too_large": N_(
        "A file may have at most %(largest)s MiB. Make it smaller or split it."
    ),
    "evidence.too_many": N_(
        "You have %(kept)s files, and at most %(most)s can be kept. Remove some that no line needs."
    ),
    "evidence.store_full": N_(
        "Your files would need more than %(largest)s MiB. Remove some that no line needs."
    ),
}

MESSAGES: dict[str, str] = {**REASONS, **LIMIT_MESSAGES}
