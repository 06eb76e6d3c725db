"""The same walk twice: what a page shows must not depend on what others have done meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tests.crawling.walking import Walker

_TOKENS = re.compile(r'(name="csrf_token"[^>]*value|name="csrf-token" content)="[^"]*"')
# The log's size is public; its entries say nothing of a member.
_GROWS = "/log/"
_OF_ONE_ANSWER = {"Set-Cookie", "Content-Length", "Date"}

Page = tuple[int, tuple[tuple[str, str], ...], bytes]


def pages(walker: Walker, starts: Iterable[str]) -> dict[str, Page]:
    """Every answer of a walk by its address, without the tokens of forms."""
    walker.seen.clear()
    found = {}
    for sent in walker.walk(starts):
        answer = sent.answer
        headers = sorted(pair for pair in answer.headers if pair[0] not in _OF_ONE_ANSWER)
        body = answer.data
        if answer.mimetype == "text/html":
            body = _TOKENS.sub(r"\1", answer.text).encode()
        found[sent.path] = (answer.status_code, tuple(headers), body)
    return found


def differences(before: Mapping[str, Page], after: Mapping[str, Page]) -> list[str]:
    """The addresses that are answered otherwise, or only once."""
    return [
        path
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path) and not path.startswith(_GROWS)
    ]
