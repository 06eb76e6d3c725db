"""What setup.cfg can't say: three folders beside `portal/` belong inside the package, and catalogues are compiled."""

from __future__ import annotations

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

OUTER = {
    "portal.templates": "templates",
    "portal.static": "static",
    "portal.migrations": "migrations",
}


class BuildWithCatalogues(build_py):
    """Compiles every message catalogue before the files of the packages are collected."""

    def run(self) -> None:
        for source in Path("portal/translations").glob("*/LC_MESSAGES/*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(text))
        super().run()


setup(
    packages=[*find_packages(include=["portal", "portal.*"]), *OUTER],
    package_dir=OUTER,
    cmdclass={"build_py": BuildWithCatalogues},
)
