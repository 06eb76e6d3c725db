"""QR codes as inline SVG, read by a phone from paper or screen."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr_svg(text: str, *, title: str) -> Markup:
    """The QR code of a text with its four modules of quiet zone; the title is what a screen reader says.

    Error correction M survives a crease or a stain; addresses below 80 characters keep the modules large.
    """
    code = segno.make(text, error="m", micro=False)
    picture = code.svg_inline(
        border=4, title=title, light="#ffffff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(picture)  # noqa: S704 -- made by segno, which escapes the title
