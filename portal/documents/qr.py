"""QR codes as inline SVG, read by a phone from paper or screen."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_svg(address: str, statement: str = "", *, title: str) -> Markup:
    """The QR code of an address with its four modules of quiet zone; the title is what a screen reader says.

    A statement's digits follow behind a #, which browsers keep to themselves; digits take the least room in a code.
    Error correction M survives a crease or a stain; addresses below 80 characters keep the modules large.
    """
    content = [f"{address}#", statement] if statement else address
    code = segno.make(content, error="m", micro=False)  # type: ignore[arg-type]  # it takes segments too
    picture = code.svg_inline(
        border=4, title=title, light="#ffffff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(picture)  # noqa: S704 -- made by segno, which escapes the title
