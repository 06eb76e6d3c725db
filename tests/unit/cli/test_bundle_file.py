"""Files that are no bundle, or want to harm whoever opens them: refused with words, and status 2."""

from __future__ import annotations

import json
import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from portal.cli import bundle_file
from portal.cli.bundle_file import NotABundle, open_bundle
from portal.cli.recompute import recompute

ABOUT = b'{"schema": 1}'
MANIFEST = b'{"files": {}}'
PLAIN = {"bundle.json": ABOUT, "manifest.json": MANIFEST}


def a_zip(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*PLAIN.items(), *entries):
            archive.writestr(name, content)
    return out.getvalue()


def a_link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    return info


def of_two_names(first: str, second: str) -> bytes:
    """An archive with one name twice, which the library would warn of."""
    content = a_zip((first, b"1"), (second.replace("a", "_"), b"2"))
    return content.replace(second.replace("a", "_").encode(), second.encode())


def overlapping() -> bytes:
    """Two entries of the directory that point to the same bytes."""
    content = bytearray(a_zip(("aaaa.txt", b"1" * 5000), ("bbbb.txt", b"1" * 5000)))
    places = [at for at in range(len(content)) if content[at : at + 4] == b"PK\x01\x02"]
    (offset,) = struct.unpack_from("<L", content, places[2] + 42)
    struct.pack_into("<L", content, places[3] + 42, offset)
    return bytes(content)


def lying(size: int) -> bytes:
    """An entry whose directory gives another size than comes out."""
    content = bytearray(a_zip(("long.txt", b"x" * 100_000)))
    for sign, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        place = max(p for p in range(len(content)) if content[p : p + 4] == sign)
        struct.pack_into("<L", content, place + at, size)
    return bytes(content)


def run(path: Path, *options: str) -> Result:
    return CliRunner().invoke(recompute, [str(path), *options])


NAME, DAMAGED, JSON = "is none that a bundle has", "It is damaged", "submission.json can't be read"

# What each is, the file, and what is said about it.
HOSTILE = {
    "nothing": (b"", DAMAGED),
    "no zip": (b"%PDF-1.7", DAMAGED),
    "cut off": (a_zip()[:-30], DAMAGED),
    "damaged": (a_zip(("long.txt", b"0123456789" * 99)).replace(b"\x33\x30", b"\0\0", 1), DAMAGED),
    "up": (a_zip(("../evil.txt", b"")), NAME),
    "up inside": (a_zip(("basis/../../evil.txt", b"")), NAME),
    "absolute": (a_zip(("/etc/passwd", b"")), NAME),
    "backslash": (a_zip(("basis\\evil.txt", b"")), NAME),
    "drive": (a_zip(("C:evil.txt", b"")), NAME),
    "folder": (a_zip(("basis/", b"")), NAME),
    "hidden": (a_zip((".profile", b"")), NAME),
    "not ascii": (a_zip(("名.txt", b"")), NAME),
    "twice": (of_two_names("a.txt", "a.txt"), "appears twice"),
    "twice in capitals": (a_zip(("a.txt", b"1"), ("A.TXT", b"2")), "appears twice"),
    "link": (a_zip((a_link(), b"/etc/passwd")), "link is no plain file"),
    "overlapping": (overlapping(), "overlaps another entry"),
    "more than it says": (lying(10), DAMAGED),
    "less than it says": (lying(200_000), "unpacks to less than it says"),
    "other json": (a_zip(("submission.json", b"{")), JSON),
    "nan": (a_zip(("submission.json", b'{"a": NaN}')), JSON),
    "float": (a_zip(("submission.json", b'{"a": 1.5}')), JSON),
    "key twice": (a_zip(("submission.json", b'{"a": 1, "a": 2}')), JSON),
    "deep": (a_zip(("submission.json", b"[" * 200_000)), JSON),
    "not utf-8": (a_zip(("submission.json", b'{"a": "\xff"}')), JSON),
    "endless number": (a_zip(("submission.json", b'{"quantity": "1E+999999999"}')), JSON),
    "long number": (a_zip(("submission.json", b'{"quantity": "' + b"9" * 5000 + b'"}')), JSON),
    "endless year": (a_zip(("submission.json", b'{"target_year": 999999999}')), JSON),
    "endless integer": (a_zip(("submission.json", b'{"months": 99999999999999999999}')), JSON),
    "long integer": (a_zip(("submission.json", b'{"months": ' + b"9" * 9000 + b"}")), JSON),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_with_words_and_status_2(tmp_path: Path, name: str) -> None:
    path = tmp_path / "b.zip"
    content, words = HOSTILE[name]
    path.write_bytes(content)
    result = run(path)
    assert result.exit_code == 2, result.output
    assert result.output.startswith("Error: b.zip can't be read as an evidence bundle. ")
    assert words in result.output


def test_zip_without_what_makes_a_bundle_is_refused(tmp_path: Path) -> None:
    for missing in PLAIN:
        path = tmp_path / "b.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in PLAIN.items():
                if name != missing:
                    archive.writestr(name, content)
        with pytest.raises(NotABundle, match=missing):
            open_bundle(path)


def test_bundle_of_a_later_version_says_so(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bundle.json", '{"schema": 2}')
        archive.writestr("manifest.json", MANIFEST)
    with pytest.raises(NotABundle, match="version 2; this portal reads 1"):
        open_bundle(path)


def test_bomb_is_left_as_soon_as_it_is_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_file, "LARGEST_PAPERS", 1_000_000)
    monkeypatch.setattr(bundle_file, "LARGEST_TOTAL_A_MEMBER", 1_000_000)
    path = tmp_path / "b.zip"
    for folder in ("basis", "evidence"):
        path.write_bytes(a_zip(*((f"{folder}/{at}.txt", b"0" * 600_000) for at in range(2))))
        with pytest.raises(NotABundle, match="more than any bundle holds"):
            open_bundle(path)


def test_one_large_entry_and_too_many_entries_are_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(a_zip(("big.txt", b"0" * 2_000_000)))
    monkeypatch.setattr(bundle_file, "LARGEST_PAPER", 1_048_576)
    with pytest.raises(NotABundle, match=r"big\.txt is larger than 1 MiB"):
        open_bundle(path)
    monkeypatch.setattr(bundle_file, "MOST_ENTRIES", 2)
    with pytest.raises(NotABundle, match="more than 2 entries"):
        open_bundle(path)


def test_words_that_look_like_a_number_stay_words(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(a_zip(("submission.json", b'{"note": "1E999", "name": "9e99"}')))
    assert open_bundle(path).documents["submission.json"]["note"] == "1E999"


def test_bundle_without_content_differs_and_is_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(a_zip())
    result = run(path, "--json")
    assert result.exit_code == 1
    told = json.loads(result.output)
    assert (told["numbers"], told["bundle"]) == (0, "b.zip")
    assert {"file", "place", "stated", "recomputed"} == told["differences"][0].keys()
