"""Mail and web addresses: one ordinary form, public names, nothing hidden."""

from __future__ import annotations

import pytest

from portal.intake.emails import read_email
from portal.intake.urls import read_url


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("a+tag@example.com", "a+tag@example.com"),
        ("'@example.com", "'@example.com"),
        (" Anna.B@EXAMPLE.com ", "Anna.B@example.com"),
        ("用户@例子.中国", "用户@xn--fsqu00a.xn--fiqs8s"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_mail_address_is_read(typed, address):
    assert read_email(typed).value == address


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "email.missing"),
        (None, "email.missing"),
        (1, "email.not_an_address"),
        ("anna", "email.not_an_address"),
        ("@example.com", "email.not_an_address"),
        ("a@b.com, c@d.com", "email.several"),
        ("a@b.com；c@d.com", "email.several"),
        ("Anna <a@b.com>", "email.not_an_address"),
        ('"a b"@example.com', "email.not_an_address"),
        (".a@example.com", "email.not_an_address"),
        ("a..b@example.com", "email.not_an_address"),
        ("a@example.com\nBcc: b@example.com", "email.not_an_address"),
        ("a\u200b@example.com", "email.not_an_address"),
        ("a＠example.com", "email.not_an_address"),
        ("x" * 65 + "@example.com", "email.not_an_address"),
        ("a@b..com", "email.domain"),
        ("a@localhost", "email.domain"),
        ("a@127.0.0.1", "email.domain"),
        ("a@[127.0.0.1]", "email.domain"),
        ("a@-b.com", "email.domain"),
        ("a@" + "b" * 250 + ".com", "email.too_long"),
    ],
)
def test_mail_address_is_refused_with_its_own_cure(typed, code):
    assert [each.code for each in read_email(typed).problems] == [code]


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://example.com/a?b=1#c", "https://example.com/a?b=1#c"),
        (" HTTP://EXAMPLE.com ", "http://example.com"),
        ("https://example.com:8443/", "https://example.com:8443/"),
        ("https://例子.中国/路", "https://xn--fsqu00a.xn--fiqs8s/%E8%B7%AF"),
        ("https://example.com/50%25", "https://example.com/50%25"),
    ],
)
def test_web_address_is_read(typed, address):
    assert read_url(typed).value == address


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "url.missing"),
        (5, "url.not_an_address"),
        ("example.com", "url.scheme"),
        ("//example.com", "url.scheme"),
        ("javascript:alert(1)", "url.scheme"),
        ("data:text/html,x", "url.scheme"),
        ("file:///etc/hostname", "url.scheme"),
        ("https:///example.com", "url.host"),
        ("http://localhost/", "url.host"),
        ("http://printer.local/", "url.host"),
        ("http://127.0.0.1/", "url.host"),
        ("http://0177.0.0.1/", "url.host"),
        ("http://2130706433/", "url.host"),
        ("http://0x7f.0.0.0x1/", "url.host"),
        ("http://１２７.0.0.1/", "url.host"),
        ("http://[::1]/", "url.host"),
        ("http://user:pw@example.com/", "url.credentials"),
        ("https://example.com@evil.example/", "url.credentials"),
        ("http:\\\\example.com", "url.not_an_address"),
        ("http://exa\tmple.com/", "url.not_an_address"),
        ("https://example.com/%0d%0aX:y", "url.not_an_address"),
        ("https://example.com/<script>", "url.not_an_address"),
        ("https://example.com/\u202egpj", "url.not_an_address"),
        ("http://example.com:99999/", "url.not_an_address"),
        ("https://example.com/" + "a" * 2000, "url.too_long"),
    ],
)
def test_web_address_is_refused_with_its_own_cure(typed, code):
    assert [each.code for each in read_url(typed).problems] == [code]
