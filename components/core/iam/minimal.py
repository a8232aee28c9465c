"""The grants that needs come to: exactly what AWS checks for the calls that the reader makes.

Facts: the service authorization reference of Systems Manager and KMS, and the SSM user guide's pages on authorization.
Parameters are read by `ssm:GetParameters` alone, so that no other verb that reads is ever granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..ssm.references import ParameterReference, arn
from .grants import PARAMETER_ARN, Condition, Grant
from .needs import CustomerKey, Finding, FindingByTags, Need, Paths, Pushing, Reading, Taking

if TYPE_CHECKING:
    from .grants import Place

MANAGED_BY = Condition("StringEquals", "aws:ResourceTag/managed-by", ("external-secrets",))
"""The tag that ESO, and we like it, put on parameters that are ours to delete."""


@dataclass(frozen=True)
class _Grants:
    place: Place
    keys: Sequence[CustomerKey]

    def of(self, need: Need) -> Iterator[Grant]:
        match need:
            case Reading():
                yield from self._reading(need)
            case Finding():
                yield from self._finding(need)
            case FindingByTags():
                yield from self._finding_by_tags(need)
            case Pushing():
                yield from self._pushing(need)
            case Taking():
                yield Grant("sts:AssumeRole", need.role, because=need.because)
                if need.tagged:
                    yield Grant("sts:TagSession", need.role, because=need.because)
            case Paths():
                for path in need.paths:
                    subtree = self._subtree(path.rstrip("/"))
                    yield Grant("ssm:GetParameters", subtree, because=need.because)
                    yield from self._decrypt_below(path.rstrip("/"), need.because)

    def _arn(self, name: str) -> str:
        return arn(self.place.partition, self.place.region, self.place.account, name)

    def _at(self, path: str) -> str:
        """The ARN of a path as it is written, which need not be a parameter's name."""
        return f"arn:{self.place.partition}:ssm:{self.place.region}:{self.place.account}:parameter{path}"

    def _subtree(self, path: str) -> str:
        return self._at(f"{path}/*")

    def _reading(self, need: Reading) -> Iterator[Grant]:
        name = ParameterReference.parse(need.reference).name
        if need.value:
            yield Grant("ssm:GetParameters", self._arn(name), because=need.because)
            yield from self._kms(name, ("kms:Decrypt",), need.because)
        if need.tags:
            yield Grant("ssm:ListTagsForResource", self._arn(name), because=need.because)

    def _finding(self, need: Finding) -> Iterator[Grant]:
        # What is checked is the path as it is sent, a slash at its end included, and not the names below it.
        level = Condition("StringEquals", "ssm:Recursive", ("true" if need.recursive else "false",))
        yield Grant("ssm:GetParametersByPath", self._at(need.path), (level,), need.because)
        yield from self._decrypt_below(need.path.rstrip("/"), need.because)

    def _finding_by_tags(self, need: FindingByTags) -> Iterator[Grant]:
        tagged = tuple(
            Condition("StringEquals", f"aws:ResourceTag/{key}", (value,)) for key, value in sorted(need.tags.items())
        )
        path = (need.path or "").rstrip("/")
        yield Grant("ssm:DescribeParameters", "*", because=need.because)
        yield Grant("ssm:GetParameters", self._subtree(path), tagged, need.because)
        yield from self._decrypt_below(path, need.because)

    def _pushing(self, need: Pushing) -> Iterator[Grant]:
        verbs = ("GetParameters", "PutParameter", "ListTagsForResource", "AddTagsToResource", "RemoveTagsFromResource")
        for verb in verbs:
            yield Grant(f"ssm:{verb}", self._arn(need.name), because=need.because)
        if need.deletes:
            yield Grant("ssm:DeleteParameter", self._arn(need.name), (MANAGED_BY,), need.because)
        actions = ["kms:Decrypt"]
        actions += ["kms:Encrypt"] if need.standard else []
        actions += ["kms:GenerateDataKey"] if need.advanced else []
        yield from self._kms(need.name, actions, need.because)

    def _kms(self, name: str, actions: Iterable[str], because: str) -> Iterator[Grant]:
        """The default key needs no grant: its own key policy lets the account's identities use it through SSM."""
        context = Condition("StringEquals", PARAMETER_ARN, (self._arn(name),))
        for key in self.keys:
            if key.encrypts(name):
                for action in actions:
                    yield Grant(action, key.arn, (context, self.place.through_ssm), because)

    def _decrypt_below(self, path: str, because: str) -> Iterator[Grant]:
        context = Condition("StringLike", PARAMETER_ARN, (self._subtree(path),))
        for key in self.keys:
            yield Grant("kms:Decrypt", key.arn, (context, self.place.through_ssm), because)


def grants(place: Place, needs: Iterable[Need], keys: Sequence[CustomerKey] = ()) -> list[Grant]:
    """The grants that needs come to, sorted, each once; what several needs share names them all.

    What is within another grant is left out: a parameter's below one of `Paths`, say, or its key's below a find's path.

    Args:
        place: where the parameters are.
        needs: what is called.
        keys: the customer keys that encrypt some of the parameters.

    Raises:
        SpecError: a reference can name no parameter.
    """
    made = _Grants(place, keys)
    reasons: dict[Grant, list[str]] = {}
    for need in needs:
        for grant in made.of(need):
            reasons.setdefault(grant, []).append(grant.because)
    wide = [each for each in reasons if "/*" in f"{each.resource} {each.conditions}"]
    return [
        Grant(each.action, each.resource, each.conditions, "; ".join(sorted(set(filter(None, reasons[each])))))
        for each in sorted(reasons)
        if not any(_covers(other, each) for other in wide if other != each)
    ]


def _covers(wide: Grant, grant: Grant) -> bool:
    """Whether one grant allows all that another does."""
    return (
        wide.action == grant.action
        and _within(wide.resource, grant.resource)
        and all(any(_follows(given, wanted) for given in grant.conditions) for wanted in wide.conditions)
    )


def _follows(given: Condition, wanted: Condition) -> bool:
    """Whether one condition holds whenever another one, `given`, does."""
    is_within = _within if wanted.operator == "StringLike" else str.__eq__
    return given.key == wanted.key and all(any(is_within(each, it) for each in wanted.values) for it in given.values)


def _within(pattern: str, text: str) -> bool:
    return text == pattern or (pattern.endswith("/*") and text.startswith(pattern.removesuffix("*")))
