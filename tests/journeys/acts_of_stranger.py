"""What somebody does who has nothing but the PDF."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.acts import Person
from tests.papers import drawn, qr_codes


class Stranger(Person):
    """A reader of a certificate, without an account."""

    def follows_the_qr_code(self, certificate: bytes, *names: str) -> None:
        """It leads to the public page, which says that the certificate stands and needs no cookie for it."""
        w = self.w
        (address,) = qr_codes(drawn(certificate, self.portal.folder, dpi=150))
        assert address.startswith(f"{self.portal.world.address}/verify/ZCA-")
        self.goes_to(address)
        expect(self.page.locator(".notice-good")).to_contain_text(w("Valid"))
        self.reads(*names)
        assert self.context.cookies() == []
        assert self.page.locator("script").count() == 0

    def compares(self, certificate: bytes) -> None:
        """The file as it was issued."""
        self._uploads(certificate)
        expect(self.page.locator(".notice-good").first).to_contain_text(
            self.w("This is the issued file")
        )

    def compares_with_one_byte_changed(self, certificate: bytes) -> None:
        """One byte in the middle."""
        changed = bytearray(certificate)
        changed[len(changed) // 2] ^= 1
        self._uploads(bytes(changed))
        expect(self.page.locator(".notice-bad")).to_contain_text(
            self.w("This is not the issued file")
        )

    def _uploads(self, content: bytes) -> None:
        self.page.locator("[name=file]").set_input_files(
            {"name": "certificate.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        self.presses(self.w("Compare"))
