"""Reads the settings for a command, or ends it with everything that is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click

from portal.config.settings import Settings, SettingsError


def read_settings() -> Settings:
    """Return the settings of this environment."""
    return settings_of(os.environ)


def settings_of(environ: Mapping[str, str]) -> Settings:
    """Return the settings that an environment gives."""
    try:
        return Settings.from_environment(environ)
    except SettingsError as error:
        said = "\n".join(f"  - {problem}" for problem in error.problems)
        raise click.ClickException(
            f"The portal can't start with these settings:\n{said}\n"
            "To look at the demo alliance on your own machine, set PORTAL_DEMO=1 instead."
        ) from error
