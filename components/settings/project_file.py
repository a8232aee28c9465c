"""Where the file of a Pulumi project is; apart from what is in it, as a command line asks for it at its start."""

from pathlib import Path

PROJECT_FILES = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
"""How it can be named."""


def project_file(folder: Path) -> Path | None:
    """The file of the project that a folder belongs to: its own, or that of a folder above."""
    place = folder.resolve()
    files = (each / name for each in (place, *place.parents) for name in PROJECT_FILES)
    return next((each for each in files if each.is_file()), None)
