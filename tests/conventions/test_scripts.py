"""What our scripts in the browser don't do: run or show text as code, keep data, talk to other windows, ask elsewhere."""

from __future__ import annotations

import re

from tests.conventions.source import ROOT

SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
# Each with what it would let in.
FORBIDDEN = {
    r"\beval\s*\(|\bnew\s+Function\b|\bsetTimeout\s*\(\s*[\"'`]": "runs a text",
    r"\bdocument\.write|\bouterHTML\s*=|\bcreateContextualFragment\b|\bsrcdoc\b": "shows a text as HTML",
    r"\b(?:localStorage|sessionStorage|indexedDB|caches)\b|\bdocument\.cookie\b": "keeps data in the browser",
    r"\bpostMessage\b|addEventListener\(\s*[\"']message[\"']|\bwindow\.opener\b": "talks to other windows",
    r"\bWebSocket\b|\bEventSource\b|\bRTCPeerConnection\b|\bserviceWorker\b": "opens another channel",
    r"__proto__|\.constructor\b|\bprototype\b|\bObject\.assign\b": "reaches what all objects share",
    r"https?://|[\"'`]//": "asks another host",
    r"\bvar\s": "declares a name for the whole page",
}
# HTML that our own server has drawn and escaped: whole rows of a table.
DRAWN_BY_US = {
    "autosave.js": {"holder.innerHTML = html", 'insertAdjacentHTML("afterend", html)'},
    "trace.js": {"holder.innerHTML = await answer.text()"},
}
DRAWS = re.compile(r"\w+\.innerHTML\s*=[^;]*|insertAdjacentHTML\([^)]*\)")
# A key that came from somewhere, written into a plain object, could be the name of what all objects share.
WRITES_KEY = re.compile(r"\w\[(?![\"'`\d])[^\]]+\]\s*(?:\?\?|\|\||&&)?=(?!=)")


def text_of(name: str) -> str:
    """A script without its comments."""
    text = (ROOT / "static" / "js" / name).read_text(encoding="utf-8")
    return re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", text, flags=re.DOTALL)


def test_scripts_do_nothing_that_lets_others_in() -> None:
    assert len(SCRIPTS) > 8
    found = [
        f"{path.name}: {reason}"
        for path in SCRIPTS
        for pattern, reason in FORBIDDEN.items()
        if re.search(pattern, text_of(path.name))
    ]
    assert found == []


def test_scripts_show_texts_as_texts() -> None:
    odd = {
        path.name: drawn
        for path in SCRIPTS
        if (drawn := set(DRAWS.findall(text_of(path.name))) - DRAWN_BY_US.get(path.name, set()))
    }
    assert odd == {}


def test_scripts_write_no_key_that_came_from_elsewhere_into_an_object() -> None:
    assert [path.name for path in SCRIPTS if WRITES_KEY.search(text_of(path.name))] == []


def test_password_may_be_pasted_and_filled_in() -> None:
    for path in SCRIPTS:
        listens = re.findall(r"(\S+)\.addEventListener\(\s*[\"']paste[\"']", text_of(path.name))
        assert listens in ([], ["box"]), path.name  # the table of lines, which holds no password
        assert not re.search(r"autocomplete\s*=", text_of(path.name)), path.name


def test_the_rules_above_see_what_they_look_for() -> None:
    for planted in (
        'eval("x")', "localStorage.x = 1", 'window.addEventListener("message", f)', "a.__proto__",
        'fetch("https://evil.example")', "document.cookie",
    ):  # fmt: skip
        assert any(re.search(pattern, planted) for pattern in FORBIDDEN), planted
    assert DRAWS.findall("row.innerHTML = typed;") == ["row.innerHTML = typed"]
    assert WRITES_KEY.search("kept[name] = value")
    assert not WRITES_KEY.search("if (kept[name] === value)")
