"""A passkey without any browser: it signs what it is told to, also what no authenticator would."""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url, encode_cbor

from portal.services.passkeys import Site
from portal.store.accounts import Account
from portal.store.passkeys import Passkey
from tests.factories.suppliers import MOMENT

IS_PRESENT, IS_VERIFIED = 0x01, 0x04


@dataclass
class Key:
    """An ES256 key; one that never counts, as those that are copied to other devices."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def row_of(self, account: Account, *, count: int = 0) -> Passkey:
        """The key as an account keeps it."""
        point = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        return Passkey(
            uid=uuid4(),
            account_id=account.id,
            name="Key",
            credential_id=self.credential_id,
            public_key=encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y}),
            sign_count=count,
            transports=[],
            is_synced=True,
            created_at=MOMENT,
        )

    def answer(self, site: Site, challenge: bytes, *, is_verified: bool, count: int = 0) -> str:
        """What a browser would send for a challenge of this portal."""
        flags = IS_PRESENT | (IS_VERIFIED if is_verified else 0)
        data = hashlib.sha256(site.host.encode()).digest() + bytes([flags])
        data += count.to_bytes(4, "big")
        client = json.dumps(
            {
                "type": "webauthn.get",
                "challenge": bytes_to_base64url(challenge),
                "origin": site.origin,
                "crossOrigin": False,
            }
        ).encode()
        signed = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        own_id = bytes_to_base64url(self.credential_id)
        response = {
            "authenticatorData": bytes_to_base64url(data),
            "clientDataJSON": bytes_to_base64url(client),
            "signature": bytes_to_base64url(signed),
        }
        return json.dumps(
            {"id": own_id, "rawId": own_id, "type": "public-key", "response": response}
        )
