"""Time-based codes that work once each, and their QR code as SVG."""

from __future__ import annotations

import io
import re
import unicodedata

import segno
from flask_security import Totp
from markupsafe import Markup

from portal.services import accounts
from portal.store.accounts import Account
from portal.web.requests import current_work

_CODE = re.compile(r"[0-9]{6}")


def plain_code(typed: str) -> str:
    """The six digits that were meant: apps show them in two groups, and Chinese keyboards make them wide."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", typed))


class OnceOnlyTotp(Totp):  # type: ignore[misc]  # the library has no types
    """Remembers the last step that an account used, so that whoever reads a code over a shoulder comes too late."""

    def verify_totp(self, token: str, totp_secret: str, user: Account, window: int = 0) -> bool:
        """Tell whether the code is right and was not used before."""
        code = plain_code(str(token))
        if not _CODE.fullmatch(code):
            return False
        accounts.lock(current_work(), user)
        return bool(super().verify_totp(code, totp_secret, user, window))

    def get_last_counter(self, user: Account) -> int | None:
        """Return the last step that was used."""
        return user.tf_last_counter

    def set_last_counter(self, user: Account, tmatch: object) -> None:
        """Remember the step that was just used."""
        user.tf_last_counter = tmatch.counter  # type: ignore[attr-defined]  # a passlib TotpMatch

    def generate_qrcode(self, username: str, totp: str) -> Markup:
        """Return the QR code as an SVG element: the policy of our pages takes no images from data: addresses."""
        code = segno.make(self.get_totp_uri(username, totp), error="m")
        drawn = io.BytesIO()
        code.save(
            drawn,
            kind="svg",
            xmldecl=False,
            svgns=True,
            omitsize=True,
            border=4,
            dark="#000",
            light="#fff",
        )
        return Markup(drawn.getvalue().decode())  # noqa: S704 -- drawn here, of squares only
