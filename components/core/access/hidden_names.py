"""A map without the names of parameters, for who may see the structure and not the names."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

from .access_map import AccessMap, Delivery, Finding, Granted, Parameter, Pushed, Reader

_DIGITS = 10
_RESOURCE = 5
"""The colons before the name in an ARN."""


def hide_names(found: AccessMap, salt: bytes) -> AccessMap:
    """A map with a short hash in place of each parameter's name, and of whatever else is of parameters alone.

    Those are paths, tags, patterns and properties. Names of Secrets, keys, stores and roles stay.

    Args:
        found: the map, with its findings.
        salt: random bytes of just this report, so that nobody can tell a name by trying it.
    """
    hider = _Hider(salt, {each.arn: each.name for each in found.parameters})
    return AccessMap(
        parameters=tuple(sorted(map(hider.parameter, found.parameters))),
        deliveries=tuple(sorted(map(hider.delivery, found.deliveries))),
        pushes=tuple(sorted(map(hider.push, found.pushes))),
        roles=tuple(sorted(replace(role, grants=tuple(sorted(map(hider.grant, role.grants)))) for role in found.roles)),
        secrets=found.secrets,
        cluster_readers=found.cluster_readers,
        findings=tuple(sorted(map(hider.finding, found.findings))),
    )


class _Hider:
    def __init__(self, salt: bytes, names: Mapping[str, str]) -> None:
        self._salt = salt
        self._names = names

    def name(self, text: str) -> str:
        digest = hashlib.blake2b(text.encode(), key=self._salt, digest_size=_DIGITS // 2)
        return f"hidden-{digest.hexdigest()}" if text else ""

    def arn(self, text: str) -> str:
        """An ARN whose name is hidden; those of roles and keys stay."""
        parts = text.split(":", _RESOURCE)
        if len(parts) <= _RESOURCE or parts[2] in ("iam", "kms", "sts"):
            return text
        star = "/*" if parts[5].endswith("/*") else ""
        return ":".join([*parts[:5], self.name(self._names.get(text, parts[5].removesuffix("/*"))) + star])

    def parameter(self, each: Parameter) -> Parameter:
        readers = tuple(sorted(self.reader(reader) for reader in each.readers))
        return replace(each, arn=self.arn(each.arn), name=self.name(each.name), readers=readers)

    def reader(self, each: Reader) -> Reader:
        return replace(each, condition=self.name(each.condition))

    def delivery(self, each: Delivery) -> Delivery:
        return replace(
            each, parameter=self.arn(each.parameter), property=self.name(each.property), find=self.name(each.find)
        )

    def push(self, each: Pushed) -> Pushed:
        return replace(each, parameter=self.arn(each.parameter), property=self.name(each.property))

    def grant(self, each: Granted) -> Granted:
        return replace(each, resource=self.arn(each.resource), condition=self.name(each.condition))

    def finding(self, each: Finding) -> Finding:
        return replace(each, where=self.arn(each.where), what=tuple(map(self.arn, each.what)))
