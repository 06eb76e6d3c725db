"""Reads the settings for a command, or ends it with everything that is wrong with them."""

from __future__ import annotations

import os

import click

from portal.config import Settings, SettingsError


def read_settings() -> Settings:
    """Return the settings of this environment."""
    try:
        return Settings.from_environment(os.environ)
    except SettingsError as error:
        said = "\n".join(f"  - {problem}" for problem in error.problems)
        raise click.ClickException(
            f"The portal can't start with these settings:\n{said}\n"
            "To look at the demo alliance on your own machine, set PORTAL_DEMO=1 instead."
        ) from error
