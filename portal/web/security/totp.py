"""Time-based codes that work once each, their sealed keys, and their QR code as SVG."""

from __future__ import annotations

import base64
import io
import logging
import os
import re
import unicodedata
from typing import Any

import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask_security import Totp
from markupsafe import Markup
from passlib.totp import TOTP, AppWallet

from portal.http import events
from portal.services import accounts
from portal.store.accounts import Account
from portal.web.requests import current_work

_CODE = re.compile(r"[0-9]{6}")
_SEALED = 2  # the library's own form, which can be changed unseen, is 1
_NONCE_BYTES = 12
_PURPOSE = b"portal second factor"


class Changed(ValueError):
    """A sealed key that was changed since, or belongs under another secret."""


class Wallet(AppWallet):  # type: ignore[misc]  # the library has no types
    """Keeps keys under AES-256-GCM: of the library's own encryption a changed byte would go unnoticed."""

    def encrypt_key(self, key: bytes) -> dict[str, Any]:
        """Seal a key under the newest secret."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher(self.default_tag).encrypt(nonce, key, _PURPOSE)
        return {"v": _SEALED, "t": self.default_tag, "k": _text(nonce + sealed)}

    def decrypt_key(self, enckey: dict[str, Any]) -> tuple[bytes, bool]:
        """Open a key, and say whether it should be sealed anew; raises Changed for one that was changed."""
        if enckey.get("v") != _SEALED:
            return super().decrypt_key(enckey)[0], True
        kept = base64.b64decode(enckey["k"], validate=True)
        try:
            key = self._cipher(enckey["t"]).decrypt(
                kept[:_NONCE_BYTES], kept[_NONCE_BYTES:], _PURPOSE
            )
        except InvalidTag:
            raise Changed("the key of a second factor was changed") from None
        return key, enckey["t"] != self.default_tag

    def _cipher(self, tag: str) -> AESGCM:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
        return AESGCM(derived.derive(self.get_secret(tag)))


def _text(sealed: bytes) -> str:
    return base64.b64encode(sealed).decode("ascii")


def plain_code(typed: str) -> str:
    """The six digits that were meant: apps show them in two groups, and Chinese keyboards make them wide."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", typed))


class OnceOnlyTotp(Totp):  # type: ignore[misc]  # the library has no types
    """Remembers the last step that an account used, so that whoever reads a code over a shoulder comes too late."""

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        self._totp = TOTP.using(issuer=issuer, wallet=Wallet(secrets))

    def verify_totp(self, token: str, totp_secret: str, user: Account, window: int = 0) -> bool:
        """Tell whether the code is right and was not used before."""
        code = plain_code(str(token))
        if not _CODE.fullmatch(code):
            return False
        accounts.lock(current_work(), user)
        try:
            return bool(super().verify_totp(code, totp_secret, user, window))
        except Changed:
            events.log("account.second_factor_changed", level=logging.ERROR, account=str(user.uid))
            return False

    def seal_anew(self, user: Account) -> None:
        """Bring a key that was kept in an earlier form into today's, once its owner has given a code of it."""
        opened = self._totp.from_source(user.tf_totp_secret)
        if opened.changed:
            user.tf_totp_secret = opened.to_json(encrypt=True)

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
