"""Looking into evidence: sound files pass, odd ones are told, and nothing a file does reaches the server."""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from portal.domain.evidence import REASONS, EvidenceKind, Note, Outcome
from portal.store.evidence_inspection import inspect
from tests.corpus import CASES, CORPUS

OUTCOMES = {
    "accept_file": {Outcome.ACCEPTED},
    "accept_file_flagged": {Outcome.FLAGGED},
    "reject_file": {Outcome.REJECTED},
    "reject_file_or_accept": set(Outcome),
}


EVIDENCE = [case for case in CASES if case["slot"] == "evidence"]
# Of the import files, those that no reader should open, whatever it wants from them.
UNSOUND = "FI-045 FI-048 FI-058 FI-063 FI-071 FI-074 FI-078 FI-079 FI-080 FI-081 FI-082 FI-085 FI-087 FI-088 FI-089 FI-102 FI-108 FI-111 FI-118"
REFUSED = [case for case in CASES if case["id"] in UNSOUND.split()]
SOUND = [case for case in CASES if case["slot"] == "import" and case["expect"] == "import_ok"]
needs_corpus = pytest.mark.skipif(
    not CASES, reason="the corpus of bad inputs is not beside this checkout"
)


@needs_corpus
@pytest.mark.parametrize("case", EVIDENCE, ids=[case["id"] for case in EVIDENCE])
def test_corpus_evidence_is_judged_as_agreed(case):
    verdict = inspect(CORPUS / case["file"], case["upload_name"])
    assert verdict.outcome in OUTCOMES[case["expect"]], verdict


@needs_corpus
@pytest.mark.parametrize("case", REFUSED, ids=[case["id"] for case in REFUSED])
def test_corpus_file_that_no_reader_should_open_is_refused(case):
    assert inspect(CORPUS / case["file"], case["upload_name"]).outcome is Outcome.REJECTED


@needs_corpus
@pytest.mark.parametrize("case", SOUND, ids=[case["id"] for case in SOUND])
def test_corpus_workbook_or_table_that_is_sound_passes(case):
    assert inspect(CORPUS / case["file"], case["upload_name"]).outcome is Outcome.ACCEPTED


@pytest.fixture
def look(tmp_path, monkeypatch):
    """Look into bytes under a name; no temporary file may be left, and nothing else written."""
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))

    def _look(content: bytes, name: str, **limits):
        path = tmp_path / "upload"
        path.write_bytes(content)
        verdict = inspect(path, name, **limits)
        assert list(private.iterdir()) == []
        assert path.read_bytes() == content
        return verdict

    return _look


def _pdf(change=lambda document: None, **options) -> bytes:
    document = pikepdf.new()
    document.add_blank_page(page_size=(200, 200))
    change(document)
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def _action(**entries):
    def change(document):
        document.Root.OpenAction = pikepdf.Dictionary(**entries)

    return change


def _attach(document):
    document.attachments["data.xlsx"] = pikepdf.AttachedFileSpec(document, b"content")


def _form(document):
    document.Root.AcroForm = pikepdf.Dictionary(XFA=pikepdf.String("x"), Fields=pikepdf.Array())


def _deep_script(document):
    inner = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    document.pages[0].AA = pikepdf.Dictionary(O=inner)


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (_action(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)")), Note.SCRIPT),
        (_deep_script, Note.SCRIPT),
        (
            _action(S=pikepdf.Name.URI, URI=pikepdf.String("http://127.0.0.1:9/")),
            Note.AUTOMATIC_LINK,
        ),
        (
            _action(S=pikepdf.Name.SubmitForm, F=pikepdf.String("http://127.0.0.1:9/")),
            Note.FORM_SUBMISSION,
        ),
        (_action(S=pikepdf.Name.GoToR, F=pikepdf.String("other.pdf")), Note.EXTERNAL_FILE),
        (_attach, Note.EMBEDDED_FILE),
        (_form, Note.FORM_LOGIC),
    ],
)
def test_active_content_of_a_pdf_is_taken_with_a_flag(look, change, note):
    verdict = look(_pdf(change), "bill.pdf")
    assert verdict.outcome is Outcome.FLAGGED
    assert note in verdict.notes


def test_active_content_is_found_in_packed_objects_too(look):
    packed = _pdf(_attach, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"/EF" not in packed
    assert Note.EMBEDDED_FILE in look(packed, "bill.pdf").notes


def test_pdf_that_opens_at_a_page_with_links_is_not_flagged(look):
    def change(document):
        page = document.pages[0]
        link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.com"))
        page.Annots = pikepdf.Array(
            [pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=link)]
        )
        document.Root.OpenAction = pikepdf.Array([page.obj, pikepdf.Name.Fit])

    assert look(_pdf(change), "bill.pdf").outcome is Outcome.ACCEPTED


def test_program_start_hidden_behind_another_action_is_refused(look):
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("calc.exe"))
    change = _action(S=pikepdf.Name.GoTo, D=pikepdf.String("top"), Next=launch)
    assert look(_pdf(change), "bill.pdf").reason == "evidence.starts_programs"


def test_pdf_with_only_an_owner_password_is_taken_and_with_a_user_password_refused(look):
    assert look(_pdf(encryption=pikepdf.Encryption(owner="o", user="")), "bill.pdf").is_accepted
    assert (
        look(_pdf(encryption=pikepdf.Encryption(owner="o", user="u")), "bill.pdf").reason
        == "evidence.encrypted"
    )


def test_cut_or_doubled_pdf_is_refused(look):
    whole = _pdf(_attach)
    assert look(whole[: len(whole) * 2 // 3], "bill.pdf").reason == "evidence.damaged"
    assert look(whole + _zip({"a.txt": b"x"}), "bill.pdf").reason == "evidence.two_kinds"
    assert look(whole + b"<script>alert(1)</script>", "bill.pdf").reason == "evidence.two_kinds"
    assert look(b"<html><!--" + whole, "bill.pdf").reason == "evidence.two_kinds"


TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="%s"/></Types>'
SHEET_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
WORKBOOK = '<workbook><sheets><sheet name="S" sheetId="1" state="%s"/></sheets></workbook>'
SHEET = "<worksheet><sheetData/></worksheet>"


def _zip(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _xlsx(
    extra: dict[str, bytes] | None = None, *, main: str = SHEET_MAIN, state: str = "visible"
) -> bytes:
    parts = {
        "[Content_Types].xml": (TYPES % main).encode(),
        "xl/workbook.xml": (WORKBOOK % state).encode(),
        "xl/worksheets/sheet1.xml": SHEET.encode(),
    }
    return _zip({**parts, **(extra or {})})


def _relation(target: str, kind: str) -> bytes:
    return f'<Relationships><Relationship Id="r1" Type="x/{kind}" Target="{target}" TargetMode="External"/></Relationships>'.encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_xlsx(main="application/vnd.ms-excel.sheet.macroEnabled.main+xml"), "evidence.macros"),
        (_xlsx({"xl/vbaProject.bin": b"x"}), "evidence.macros"),
        (_xlsx({"xl/activeX/activeX1.xml": b"<a/>"}), "evidence.macros"),
        (
            _xlsx({"xl/sharedStrings.xml": b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'}),
            "evidence.doctype",
        ),
        (
            _xlsx(
                {
                    "docProps/app.xml": '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode(
                        "utf-16"
                    )
                }
            ),
            "evidence.doctype",
        ),
        (_xlsx({"xl/styles.xml": b"<a><b></a>"}), "evidence.damaged"),
        (
            _xlsx(
                {
                    "xl/externalLinks/externalLink1.xml": b"<externalLink><ddeLink ddeService='cmd'/></externalLink>"
                }
            ),
            "evidence.starts_programs",
        ),
        (_xlsx({"xl/media/big.bin": bytes(60_000_000)}), "evidence.hidden_data"),
        (_xlsx({"../evil.xml": b"<a/>"}), "evidence.hidden_data"),
        (_xlsx({"XL/workbook.xml": b"<a/>"}), "evidence.hidden_data"),
        (_xlsx({f"xl/media/{n}.bin": b"" for n in range(1000)}), "evidence.hidden_data"),
        (b"PK\x03\x04" + _xlsx(), "evidence.two_kinds"),
        (_xlsx() + b"trailing", "evidence.two_kinds"),
        (_zip({"word/document.xml": b"<a/>"}), "evidence.kind_and_name_differ"),
        (
            _xlsx(
                main="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
            ),
            "evidence.kind_and_name_differ",
        ),
    ],
)
def test_unsound_workbook_is_refused(look, content, reason):
    assert look(content, "data.xlsx").reason == reason


@pytest.mark.parametrize(
    ("content", "outcome", "notes"),
    [
        (_xlsx(), Outcome.ACCEPTED, ()),
        (_xlsx(state="veryHidden"), Outcome.ACCEPTED, (Note.HIDDEN_SHEET,)),
        (
            _xlsx(
                {
                    "xl/worksheets/_rels/sheet1.xml.rels": _relation(
                        "https://example.com", "hyperlink"
                    )
                }
            ),
            Outcome.ACCEPTED,
            (),
        ),
        (
            _xlsx({"xl/_rels/workbook.xml.rels": _relation("http://127.0.0.1:9/", "image")}),
            Outcome.FLAGGED,
            (Note.EXTERNAL_DATA,),
        ),
        (
            _xlsx({"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}),
            Outcome.FLAGGED,
            (Note.EXTERNAL_DATA,),
        ),
        (_xlsx({"xl/embeddings/oleObject1.bin": b"x"}), Outcome.FLAGGED, (Note.EMBEDDED_FILE,)),
    ],
)
def test_sound_workbook_passes_with_what_a_reviewer_should_know(look, content, outcome, notes):
    verdict = look(content, "data.xlsx")
    assert (verdict.outcome, verdict.notes) == (outcome, notes)


def test_workbook_written_by_another_program_passes(look):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("[Content_Types].xml", TYPES % SHEET_MAIN),
            ("xl/workbook.xml", WORKBOOK % "visible"),
            ("xl/worksheets/sheet1.xml", SHEET),
        ):
            # Written as a stream: sizes follow the data in a descriptor, as several writers do it.
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=False) as part:
                part.write(content.encode())
    assert look(out.getvalue(), "data.xlsx").outcome is Outcome.ACCEPTED


def test_entry_that_unpacks_to_more_than_it_says_is_refused(look):
    content = bytearray(_xlsx({"xl/media/a.bin": b"A" * 5000}))
    honest = (5000).to_bytes(4, "little")
    assert content.count(honest) == 2
    assert (
        look(bytes(content.replace(honest, (50).to_bytes(4, "little"))), "data.xlsx").reason
        == "evidence.hidden_data"
    )


def _picture(kind: str, size=(64, 48), **options) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
    return out.getvalue()


def _claiming(jpeg: bytes, height: int, width: int) -> bytes:
    """The picture with another size in its header, which is read before anything is decoded."""
    place = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:place] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + jpeg[place + 4 :]


def _with_chunk(png: bytes, kind: bytes, content: bytes) -> bytes:
    chunk = (
        len(content).to_bytes(4, "big")
        + kind
        + content
        + zlib.crc32(kind + content).to_bytes(4, "big")
    )
    return png[:33] + chunk + png[33:]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (_picture("PNG"), "meter.png"),
        (_picture("JPEG"), "meter.jpg"),
        (_picture("JPEG", progressive=True), "meter.JPEG"),
        (_picture("JPEG") + b"\0\0" + _picture("JPEG"), "phone.jpg"),
        (_picture("JPEG") + b"maker notes SEFT", "phone.jpg"),
        (_with_chunk(_picture("PNG"), b"tEXt", b"Comment\0meter 5"), "meter.png"),
        (
            _with_chunk(_picture("PNG"), b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * 1000)),
            "meter.png",
        ),
    ],
)
def test_ordinary_picture_passes_without_a_flag(look, content, name):
    assert look(content, name).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (_picture("PNG")[:-20], "a.png", "evidence.damaged"),
        (_picture("JPEG")[:-200], "a.jpg", "evidence.damaged"),
        (_picture("PNG") + _zip({"a": b"x"}), "a.png", "evidence.two_kinds"),
        (_picture("JPEG") + _zip({"a": b"x"}), "a.jpg", "evidence.two_kinds"),
        (_picture("JPEG") + b"<script>alert(1)</script>", "a.jpg", "evidence.two_kinds"),
        (_picture("PNG", size=(10_001, 1)), "a.png", "evidence.too_large_picture"),
        (_picture("JPEG", size=(10_001, 1)), "a.jpg", "evidence.too_large_picture"),
        (_claiming(_picture("JPEG"), 9_000, 9_000), "a.jpg", "evidence.too_large_picture"),
        (
            _with_chunk(_picture("PNG"), b"zTXt", b"C\0\0" + zlib.compress(bytes(50_000_000))),
            "a.png",
            "evidence.hidden_data",
        ),
        (
            _with_chunk(
                _picture("PNG"), b"iTXt", b"C\0\1\0\0\0" + zlib.compress(bytes(50_000_000))
            ),
            "a.png",
            "evidence.hidden_data",
        ),
        (_picture("JPEG"), "a.png", "evidence.kind_and_name_differ"),
        (_picture("GIF"), "a.png", "evidence.kind_and_name_differ"),
        (_picture("GIF"), "a.gif", "evidence.kind"),
        (b"", "a.png", "evidence.empty"),
    ],
)
def test_unsound_picture_is_refused(look, content, name, reason):
    assert look(content, name).reason == reason


def test_unknown_data_behind_a_picture_is_flagged(look):
    assert look(_picture("JPEG") + b"something else", "a.jpg").notes == (Note.FOREIGN_DATA,)


TABLE = "场所编码,期间,数量\nSITE-001,2025-01,1234.5\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("gb18030"),
        TABLE.encode("utf-16"),
        b"\xfe\xff" + TABLE.encode("utf-16-be"),
        TABLE.replace("\n", "\r").encode(),
    ],
)
def test_table_in_a_known_encoding_passes(look, content):
    verdict = look(content, "data.csv")
    assert (verdict.outcome, verdict.kind) == (Outcome.ACCEPTED, EvidenceKind.CSV)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a,b\n1,\x002\n", "evidence.not_text"),
        (TABLE.encode() + b"\xff\xfe\xfa", "evidence.not_text"),
        (b"a,b\n\x1b[31m\n", "evidence.not_text"),
        (b" \n \n", "evidence.not_text"),
        (b"\n <!DOCTYPE html><table>", "evidence.web_page"),
        (b"<svg onload='alert(1)'>", "evidence.web_page"),
        (_pdf(), "evidence.kind_and_name_differ"),
    ],
)
def test_table_that_is_no_text_is_refused(look, content, reason):
    assert look(content, "data.csv").reason == reason


def test_virus_test_is_refused_whatever_it_is_called(look):
    signature = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    for name in ("a.csv", "a.pdf", "a.xlsx"):
        assert look(signature, name).reason == "evidence.virus_test"


def test_child_that_takes_too_long_is_killed_and_the_file_refused(look, caplog):
    with caplog.at_level(logging.WARNING):
        verdict = look(_pdf(), "bill.pdf", wall_seconds=0.001)
    assert verdict.reason == "evidence.too_costly"
    assert "took too long" in caplog.text


def test_child_knows_nothing_of_the_servers_environment(look, monkeypatch):
    monkeypatch.setenv("PORTAL_SECRET_KEY", "a secret of the server")
    given, start = [], subprocess.Popen

    def popen(command, **options):
        given.append(options["env"])
        return start(command, **options)

    monkeypatch.setattr(subprocess, "Popen", popen)
    assert look(_pdf(), "bill.pdf").is_accepted
    (environ,) = given
    assert environ.keys() == {"HOME", "LANG", "PATH", "PYTHONPATH", "TMPDIR"}
    assert "a secret of the server" not in environ.values()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("bytearray(600 * 1024 * 1024)", "MemoryError"),
        ("import socket; socket.socket()", "Escape"),
        ("import subprocess; subprocess.run(['true'])", "Escape"),
        ("import os; os.system('true')", "Escape"),
        ("import os; os.fork()", "Escape"),
        ("open('/tmp/outside-of-the-folder', 'w')", "Escape"),
        ("open('inside', 'w').close(); print('fine')", "fine"),
        ("f = open('big', 'wb'); [f.write(bytes(1 << 20)) for _ in range(70)]", "File too large"),
        ("[open('/dev/null') for _ in range(100)]; import time", "Too many open files"),
    ],
)
def test_confined_process_can_not_reach_out(tmp_path, code, expected):
    # Files stay referenced, so that the limit on open ones is met.
    program = f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nfrom portal.store.inspection.confinement import LIMITS, confine\nconfine(LIMITS)\n{code}"
    root = str(Path(__file__).parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": root},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert expected in ended.stderr + ended.stdout


@needs_corpus
@pytest.mark.skipif(shutil.which("strace") is None, reason="looks with strace")
def test_file_that_names_an_address_makes_nobody_ask_for_it(tmp_path):
    trace, cases = tmp_path / "trace", [case for case in CASES if case["upload_name"] in ASKING]
    files = [f"{CORPUS / case['file']}={case['upload_name']}" for case in cases]
    command = ["strace", "-f", "-qq", "-e", "trace=socket,connect,sendto,execve", "-o", trace]
    look_into = [sys.executable, "-c", LOOK_INTO, *files]
    subprocess.run([*command, *look_into], check=True, cwd=Path(__file__).parents[2])
    calls = trace.read_text().splitlines()
    assert len(cases) == len(ASKING)
    assert len([call for call in calls if " execve(" in call]) > len(cases) / 2
    assert [call for call in calls if re.search(r" (socket|connect|sendto)\(", call)] == []


ASKING = {
    "data_connection.xlsx",
    "fake_signature.pdf",
    "html_polyglot.pdf",
    "hyperlinks.xlsx",
    "launch_action.pdf",
    "submitform_uri.pdf",
    "xxe.svg",
    "xxe_external_dtd.xlsx",
    "xxe_file.xlsx",
}
LOOK_INTO = """
import sys
from pathlib import Path
from portal.store.evidence_inspection import inspect
for each in sys.argv[1:]:
    path, _, name = each.rpartition("=")
    inspect(Path(path), name)
"""


def test_confined_process_that_computes_for_too_long_is_ended(tmp_path):
    program = "from portal.store.inspection.confinement import Limits, confine\nconfine(Limits(processor_seconds=1))\nwhile True: pass"
    root = str(Path(__file__).parents[2])
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": root},
        timeout=30,
        check=False,
    )
    assert ended.returncode < 0


def test_every_reason_is_given_somewhere_and_every_given_reason_has_words():
    store = Path(__file__).parents[2] / "portal/store"
    sources = [store / "evidence_inspection.py", *(store / "inspection").glob("*.py")]
    given = {
        code for path in sources for code in re.findall(r'"(evidence\.[a-z_]+)"', path.read_text())
    }
    assert given == set(REASONS)
