"""What of a stack's file Pulumi does not read, so that what was declared there would be deleted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import SpecError
from ..golang.yaml.documents import read_document
from ..golang.yaml.text import decoded
from ..golang.yaml.yaml_errors import YamlError
from .project_file import project_file
from .stack_settings import SETTINGS


def refuse_unread(document: Mapping[str, Any], file: Path, project: str) -> None:
    """Refuse settings of ours that Pulumi passes over.

    Args:
        document: what stands in the file.
        file: the file, for errors.
        project: the project's name, which may stand before its settings or not.

    Raises:
        SpecError: one stands outside of `config`, or twice, of which Pulumi takes one at random.
    """
    config = document.get("config")
    for name in SETTINGS:
        key = f"{project}:{name}"
        for spelled in (name, key):
            if spelled in document:
                raise SpecError(f"{file}: {spelled} stands outside of config, where Pulumi does not read it; indent it")
        if isinstance(config, Mapping) and name in config and key in config:
            raise SpecError(f"{file}: {name} and {key} are one setting, of which Pulumi takes one at random; join them")


def refuse_unread_of_stack(folder: Path, stack: str, project: str) -> None:
    """Look at a stack's own file; where there is none that can be read, Pulumi has the settings from elsewhere.

    Args:
        folder: where the program runs: the project's folder, or one below it.
        stack: the stack's name.
        project: the project's name.

    Raises:
        SpecError: see `refuse_unread`.
    """
    found = project_file(folder)
    told = _document(found) if found else {}
    if found is None or told.get("name") != project:
        return
    place = told.get("stackConfigDir")
    # As Pulumi joins it: one that begins with a slash counts from the project's folder, too.
    file = found.parent / (place.lstrip("/") if isinstance(place, str) else "") / f"Pulumi.{stack}{found.suffix}"
    refuse_unread(_document(file), file.relative_to(found.parent), project)


def _document(file: Path) -> Mapping[str, Any]:
    try:
        found = read_document(decoded(file.read_bytes()))
    except (OSError, YamlError):
        return {}
    return found if isinstance(found, Mapping) else {}
