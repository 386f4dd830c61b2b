"""Which version of the program this is."""

from __future__ import annotations

import tomllib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

DISTRIBUTION = "hall-terminal"


def version() -> str:
    """The installed version; from a source tree that is not installed, the one it declares."""
    try:
        return installed_version(DISTRIBUTION)
    except PackageNotFoundError:
        project = Path(__file__).resolve().parent.parent / "pyproject.toml"
        declared = tomllib.loads(project.read_text(encoding="utf-8"))
        return str(declared["project"]["version"])
