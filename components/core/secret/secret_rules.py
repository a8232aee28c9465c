"""What the API server would refuse in a Secret, so that it is said before anything is written, and by name.

Texts name keys that the user wrote; what a key or label is called that came out of a rendered text is for the caller
to say, since such a name could be a value.
"""

import re
from collections.abc import Collection, Mapping

from ...golang.templates.go_values import GoMap
from ...golang.templates.json_text import parse_json
from ...golang.templates.template_errors import FunctionError
from ..spec.target_specs import SERVICE_ACCOUNT_NAME, SERVICE_ACCOUNT_TYPE
from .kubernetes_secret import FIELD_MANAGER, MAX_SECRET_BYTES, secret_name_problem

MAX_ANNOTATION_BYTES = 256 * 1024
"""Bytes of all annotations of one object, names included."""
_MAX_NAME = 63
_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_STANDARD_FINALIZERS = frozenset({"kubernetes", "orphan", "foregroundDeletion"})

_DOCKER_KEYS = {"kubernetes.io/dockercfg": ".dockercfg", "kubernetes.io/dockerconfigjson": ".dockerconfigjson"}
_SSH, _BASIC = "kubernetes.io/ssh-auth", "kubernetes.io/basic-auth"
_TYPE_KEYS = {
    **{kind: (key,) for kind, key in _DOCKER_KEYS.items()},
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    _SSH: ("ssh-privatekey",),
}


def qualified_name_problem(name: str) -> str | None:
    """Why a label, an annotation or a finalizer cannot have this name; None where it can. The name is not shown.

    Nor can it begin as our own marks do: a forged mark would make one ExternalSecret's Secret another's.
    """
    prefix, slash, rest = name.rpartition("/")
    if prefix == FIELD_MANAGER:
        return f"is one of this library's own marks, which all begin with '{FIELD_MANAGER}/'; choose another name"
    if len(rest) <= _MAX_NAME and _NAME.fullmatch(rest) and (not slash or secret_name_problem(prefix) is None):
        return None
    return (
        f"is not a name that Kubernetes allows: at most {_MAX_NAME} of a-z, A-Z, 0-9, '-', '_' and '.', "
        "with a letter or digit at both ends, and before it a DNS name and '/' if wanted"
    )


def label_value_problem(value: str) -> str | None:
    """Why a label cannot have this value; None where it can. The value is not shown."""
    if not value or (len(value) <= _MAX_NAME and _NAME.fullmatch(value)):
        return None
    return (
        f"has a value that Kubernetes does not allow in a label: at most {_MAX_NAME} of a-z, A-Z, 0-9, '-', '_' and "
        "'.', with a letter or digit at both ends"
    )


def finalizer_problem(name: str) -> str | None:
    """Why a finalizer is refused, or None where it is not."""
    if name in _STANDARD_FINALIZERS or ("/" in name and qualified_name_problem(name) is None):
        return None
    return "is not a name that Kubernetes allows for a finalizer; write one such as 'example.com/hold'"


def size_problem(data: Mapping[str, bytes]) -> str | None:
    """Why the values are too large together, or None where they are not."""
    size = sum(map(len, data.values()))
    if size <= MAX_SECRET_BYTES:
        return None
    return f"its values have {size:,} bytes together; Kubernetes allows {MAX_SECRET_BYTES:,}"


def annotations_problem(annotations: Mapping[str, str]) -> str | None:
    """Why the annotations are too large together, or None where they are not."""
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size <= MAX_ANNOTATION_BYTES:
        return None
    return f"its annotations have {size:,} bytes together; Kubernetes allows {MAX_ANNOTATION_BYTES:,}"


def type_problem(kind: str | None, data: Mapping[str, bytes], *, complete: bool) -> str | None:
    """Why a Secret of this type cannot have this data; None where it can.

    Of data that is not `complete`, only the keys that are there are looked at.
    """
    docker = _DOCKER_KEYS.get(kind or "")
    if docker and docker in data and not _is_json_object(data[docker]):
        return f"type {kind} needs a JSON object in key {docker}"
    if kind == _SSH and data.get("ssh-privatekey") == b"":
        return f"type {kind} needs a value in key ssh-privatekey, and it is empty"
    return type_keys_problem(kind, data) if complete else None


def type_keys_problem(kind: str | None, keys: Collection[str] | None) -> str | None:
    """Why a Secret of this type cannot have just these keys (None: not known); None where it can."""
    if kind == SERVICE_ACCOUNT_TYPE:
        return f"type {kind} needs annotation {SERVICE_ACCOUNT_NAME}, which no template may give"
    if keys is None:
        return None
    missing = [key for key in _TYPE_KEYS.get(kind or "", ()) if key not in keys]
    if missing:
        return f"type {kind} needs key {' and '.join(missing)}"
    if kind == _BASIC and "username" not in keys and "password" not in keys:
        return f"type {kind} needs key username or password"
    return None


def _is_json_object(value: bytes) -> bool:
    try:
        # Go takes null for a map too.
        return isinstance(parse_json(value), GoMap | None)
    except FunctionError:
        return False
