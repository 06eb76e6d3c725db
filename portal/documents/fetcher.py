"""What a document may load while it is rendered: the pictures of its own template, from memory, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from weasyprint.urls import URLFetcher, URLFetcherResponse

SCHEME = "asset:"


class OnlyAssets(URLFetcher):  # type: ignore[misc]  # a library without types
    """Answers `asset:<name>` from a mapping; every other address ends the rendering at once.

    It reads no file and opens no connection, whatever stands in a document's texts.
    """

    def __init__(self, assets: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._assets = dict(assets)

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Give an asset's bytes; raises ValueError, which WeasyPrint makes fatal, for any other address."""
        name = url.removeprefix(SCHEME)
        if name == url or name not in self._assets:
            raise ValueError(f"a document may not load {url[:200]}")
        return URLFetcherResponse(url, self._assets[name], {"Content-Type": "image/svg+xml"})
