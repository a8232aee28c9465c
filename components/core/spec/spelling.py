"""How errors spell the fields of ESO: as a Python program writes them, or as settings and manifests do.

Core names a field as ESO does, `refreshPolicy`; the checks of arguments name it as Python does, `refresh_policy`. Where
an error leaves the library, fields are spelled as its reader wrote them. What is in quotes, a key or a path stays.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from .config_fields import camel
from .fields import Declaration, fields_of
from .runner_specs import RunnerSpec
from .store_identity import Hop
from .store_specs import ClusterSpec

_IN_YAML: ContextVar[bool] = ContextVar("in_yaml", default=False)
_WORD = re.compile(
    r"""(?<!\w)'[^']*'(?!\w)|"[^"]*"|\(ESO:?\ [^)]*\)|\bkey\ \S+"""  # what is to stay
    r"""|(?<![\w/:@-])(?:tier\.|match\.)?[A-Za-z]\w*(?![\w/@(-]|:\S)""",
    re.VERBOSE,
)
# Of the components, and of what a store creates; all others are fields of declarations.
_ARGUMENTS = (
    "allow_all_parameters", "allow_wildcards", "batch_reads", "block_public_policy", "data_from", "data_to",
    "external_secret_name", "kms_keys", "namespace_selectors", "oidc_provider", "preview_decrypts", "refresh_interval",
    "refresh_policy", "requests_per_second", "resource_policy", "update_policy",
)  # fmt: skip
_OTHER_NAMES = {"namespaceSelector": "selector"}
_OF_AWS = "secretKey"
"""An argument of Pulumi's AWS provider too, of which errors in camelCase tell."""


@contextmanager
def of_yaml() -> Iterator[None]:
    """Have the errors of what is declared within, later ones too, spell fields as settings and manifests do."""
    token = _IN_YAML.set(True)
    try:
        yield
    finally:
        _IN_YAML.reset(token)


def is_of_yaml() -> bool:
    """Whether what is being declared was written in settings or manifests."""
    return _IN_YAML.get()


def spelled(text: str, *, python: bool) -> str:
    """A text with the names of fields as Python, or YAML, has them."""
    names = _in_python() if python else _in_yaml()
    return _WORD.sub(lambda found: names.get(found[0], found[0]), text)


@cache
def _in_python() -> dict[str, str]:
    return {name: mine for name, mine in _names().items() if name != _OF_AWS}


@cache
def _in_yaml() -> dict[str, str]:
    return {mine: name for name, mine in _names().items() if "_" in mine and "." not in name}


def _names() -> dict[str, str]:
    """The names of fields in YAML, with those in Python where they differ."""
    named = {".".join(each.path): each.attribute for kind in _declarations(Declaration) for each in fields_of(kind)}
    own = {camel(name): name for name in _ARGUMENTS} | _OTHER_NAMES
    return {name: mine for name, mine in (named | own).items() if name != mine}


def _declarations(kind: type[Declaration]) -> Iterator[type[Declaration]]:
    for each in kind.__subclasses__():
        # What Pulumi's own providers take has names of its own.
        if "__dataclass_fields__" in vars(each) and each not in (Hop, RunnerSpec, ClusterSpec):
            yield each
        yield from _declarations(each)
