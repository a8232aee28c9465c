"""The Secret as it is sent to the API server, and the marks by which we know our own.

The body is what server-side apply gets: `data` and never `stringData`, which leaves renamed keys behind.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from ..spec.argument_types import is_object_name
from ..versions import versions_to_bag

FIELD_MANAGER = "pulumi-parameter-store"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
OWNER_ANNOTATION = "pulumi-parameter-store/owner"
VERSIONS_ANNOTATION = "pulumi-parameter-store/versions"
TAGS_ANNOTATION = "pulumi-parameter-store/tags"
TEXTS_ANNOTATION = "pulumi-parameter-store/template-texts"

MAX_SECRET_BYTES = 1_048_576
MAX_KEY_LENGTH = 253
_KEY = re.compile(r"[-._a-zA-Z0-9]+")


def shown_key(key: str) -> str:
    """A key, which may be made of anything by then, as it stands in an error text: quoted, and cut where it is long."""
    return repr(key) if len(key) <= MAX_KEY_LENGTH else f"{key[:40]!r}..."


def secret_key_problem(key: str, shown: str | None = None) -> str | None:
    """Why the API server would refuse a key of `data`, by the name to show for it, or None where it would not."""
    if len(key) > MAX_KEY_LENGTH:
        shown = shown or f"secret key {shown_key(key)}"
        return f"{shown} has {len(key)} characters; Kubernetes allows {MAX_KEY_LENGTH}"
    if not _KEY.fullmatch(key) or key == "." or key.startswith(".."):
        shown = shown or f"secret key {shown_key(key)}"
        wants = "a-z, A-Z, 0-9, '-', '_' and '.', no '.' alone, and no '..' at the beginning"
        return f"{shown} is not allowed: Kubernetes wants {wants}"
    return None


def secret_name_problem(name: str) -> str | None:
    """Why the API server would refuse a Secret's name, or None where it would not."""
    if not is_object_name(name):
        return (
            f"Secret name {name!r} is not allowed: Kubernetes wants at most {MAX_KEY_LENGTH} lower case letters, "
            "digits, '-' and '.', with a letter or digit at both ends"
        )
    return None


@dataclass(frozen=True)
class Marks:
    """The names under which an ExternalSecret's own marks stand on its Secret, and the name that it writes as.

    A Secret of its own bears the plain names. In one that it shares (creationPolicy Merge and CreateOrMerge) several
    ExternalSecrets may write side by side, so there each has names and a field manager of its own.

    Attributes:
        manager: field manager of server-side apply.
        owner: annotation that says whose the Secret, or the part of it, is.
        versions: annotation that says which parameter versions it was made of.
        tags: annotation with salted digests of the tags that it was made of, which have no versions.
        texts: annotation with salted digests of the template texts in the cluster that it was made of.
        labels: labels that say that it is kept by this library.
    """

    manager: str
    owner: str
    versions: str
    tags: str
    texts: str
    labels: Mapping[str, str]

    @property
    def annotations(self) -> tuple[str, ...]:
        """The names of all annotations, in an order of their own."""
        return self.owner, self.versions, self.tags, self.texts

    @classmethod
    def of(cls, owner: str, *, shared: bool) -> Self:
        """The marks of the ExternalSecret whose Secrets bear this text, see `Owner.mark`."""
        suffix = f"-{hashlib.sha256(owner.encode()).hexdigest()[:10]}" if shared else ""
        return cls(
            manager=FIELD_MANAGER + suffix,
            owner=OWNER_ANNOTATION + suffix,
            versions=VERSIONS_ANNOTATION + suffix,
            tags=TAGS_ANNOTATION + suffix,
            texts=TEXTS_ANNOTATION + suffix,
            labels={} if shared else {MANAGED_BY_LABEL: FIELD_MANAGER},
        )


def versions_mark(versions: Mapping[str, str]) -> str:
    """The annotation text that says which parameter versions a Secret was made of."""
    return json.dumps(versions_to_bag(dict(sorted(versions.items()))), separators=(",", ":"))


def digests_mark(contents: Mapping[str, bytes], salt: str) -> str:
    """The annotation text that tells later whether contents have changed; the salt makes short ones hard to guess."""
    told = {
        name: hmac.new(bytes.fromhex(salt), content, "sha256").hexdigest()[:32]
        for name, content in sorted(contents.items())
    }
    return json.dumps({"salt": salt, **told}, separators=(",", ":"))


def changed_since(mark: str | None, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """The names whose contents are not those of the mark, sorted; all of them where there is no mark to read."""
    try:
        before = json.loads(mark or "")
        now = json.loads(digests_mark(contents, before["salt"]))
    except (ValueError, KeyError, TypeError):
        return tuple(sorted(contents))
    return tuple(sorted(name for name in contents if before.get(name) != now[name]))


def tags_contents(tags: Mapping[str, Mapping[str, str]]) -> dict[str, bytes]:
    """Tags as contents of a mark: parameter -> its tags, in an order of their own."""
    return {name: json.dumps(each, sort_keys=True).encode() for name, each in tags.items()}


def encoded(values: Mapping[str, bytes]) -> dict[str, str]:
    """Values as they stand in `data`."""
    return {key: base64.b64encode(value).decode("ascii") for key, value in sorted(values.items())}


def decoded(data: Mapping[str, str] | None) -> dict[str, bytes]:
    """Values out of `data`."""
    return {key: base64.b64decode(value) for key, value in (data or {}).items()}
