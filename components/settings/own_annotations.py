"""Our annotations on ESO's manifests, which have no fields for what they ask for."""

from collections.abc import Iterable, Mapping

from ..errors import SpecError

OURS = "pulumi-parameter-store/"
RESTORE = f"{OURS}restore"
REPLACE_IMMUTABLE = f"{OURS}replace-immutable"
_KNOWN = {f"{OURS}adopt": "adopt", RESTORE: "restore", REPLACE_IMMUTABLE: "replace_immutable"}


def _instead(annotation: str) -> str:
    return f'a manifest has no such field; write the annotation {annotation}: "true" under metadata.annotations'


NO_TARGET_FIELDS = {"adopt": _instead(f"{OURS}adopt"), "replaceImmutable": _instead(REPLACE_IMMUTABLE)}
"""Fields of a `target` in settings -> what a manifest says in their place."""
NO_PUSH_FIELDS = {"adopt": _instead(f"{OURS}adopt"), "restore": _instead(RESTORE)}
"""The same of a PushSecret."""


def asked(annotations: Mapping[str, str], where: str) -> dict[str, bool]:
    """What annotations of ours ask for.

    Raises:
        SpecError: one is not known, or is neither "true" nor "false".
    """
    found = {}
    for name, value in annotations.items():
        if name.startswith(OURS):
            if name not in _KNOWN:
                raise SpecError(f"{where}: annotation {name!r} is not known; there are {' and '.join(_KNOWN)}")
            if value not in ("true", "false"):
                raise SpecError(f'{where}: annotation {name!r} is {value!r}; write "true" or "false"')
            found[_KNOWN[name]] = value == "true"
    return found


def refuse_labels(labels: Iterable[str], where: str) -> None:
    """Refuse labels of ours, which nothing reads.

    Raises:
        SpecError: the text says where to write it.
    """
    for name in labels:
        if name.startswith(OURS):
            raise SpecError(f"{where}: label {name!r} has no effect; write it under annotations")
