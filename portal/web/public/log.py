"""The published transparency log: a page for people, static files for programs, and the page that checks without a server."""

from __future__ import annotations

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue

from portal.domain.ledger.keyring import KeyRing
from portal.domain.ledger.tiles import Tile
from portal.services import checkpoints
from portal.store import log_files
from portal.store.log_files import LogFolder
from portal.store.sight import NOBODY
from portal.web.headers import FOR_GOOD
from portal.web.public import blueprint
from portal.web.requests import wiring

CHECKPOINTS_SHOWN = 10
_TEXT = "text/plain; charset=utf-8"


@blueprint.get("/log/")
def log() -> ResponseReturnValue:
    """Show the latest signed checkpoints, the keys, and how to check them."""
    with wiring().database.reading(NOBODY) as session:
        shown = checkpoints.recent(session, CHECKPOINTS_SHOWN)
    folder = LogFolder(wiring().settings.log)
    published = folder.read(log_files.KEYS)
    return render_template(
        "public/log/log.html",
        checkpoints=shown,
        keys=KeyRing.read(published.decode()).keys if published else (),
        has_ca=folder.read(log_files.CA) is not None,
        is_published=folder.read(log_files.CHECKPOINT) is not None,
    )


@blueprint.get("/log/<path:name>")
def log_file(name: str) -> ResponseReturnValue:
    """A file of the log, as C2SP tlog-tiles names them."""
    tile = Tile.read(name)
    if tile is None and name not in log_files.NAMED:
        abort(404)
    content = LogFolder(wiring().settings.log).read(name)
    if content is None:
        abort(404)
    answer = Response(content, content_type=_TEXT if tile is None else "application/octet-stream")
    if tile is not None:
        answer.headers["Cache-Control"] = FOR_GOOD  # its hashes never change
    return answer
