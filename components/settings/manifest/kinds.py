"""Tells what an object of a manifest is by its apiVersion and kind: read, not supported, somebody else's, or a mistake.

A mistake is never taken for somebody else's: the Secret of an ExternalSecret that is not recognised would be deleted.
"""

from dataclasses import dataclass

GROUP = "external-secrets.io"
VERSIONS = (f"{GROUP}/v1", f"{GROUP}/v1beta1")
PUSH_VERSIONS = (f"{GROUP}/v1alpha1",)
"""The version of PushSecrets, the only one that there is."""
READ = (
    *("SecretStore", "ClusterSecretStore", "ExternalSecret", "PushSecret"),
    *("ClusterExternalSecret", "ClusterPushSecret"),
)
"""The kinds that are read."""
CLUSTER_SCOPED = ("ClusterSecretStore", "ClusterExternalSecret", "ClusterPushSecret")
"""Those of them that belong to no namespace, whatever their `metadata.namespace` says."""

_FORMER_GROUP = "kubernetes-client.io"
_TAKE_IT_OUT = "take it out, or read with skip_unsupported (skipUnsupported: true in a stack's settings)"
_UNSUPPORTED = {
    "ProviderStore": f"only SecretStores and ClusterSecretStores are supported; {_TAKE_IT_OUT}",
    "ClusterProviderStore": f"only SecretStores and ClusterSecretStores are supported; {_TAKE_IT_OUT}",
}
_GENERATOR = f"generators make values that no parameter holds, which is not supported; {_TAKE_IT_OUT}"
_FORMER = (
    "it is of Kubernetes External Secrets, which External Secrets Operator has replaced; write it for "
    f"{VERSIONS[0]}, or read with skip_unsupported (skipUnsupported: true in a stack's settings)"
)
_OTHER = f"this kind of External Secrets Operator is not supported; {_TAKE_IT_OUT}"
_SLIP = 1
"""Letters that are wrong, missing, too many or swapped in a kind that was misspelt: two make other operators' kinds of
ours, such as `PullSecret` and `InternalSecret`."""
_SHORT = 4
_SLIPS = 2
"""The same, where the group is ours: nobody else has kinds there."""


@dataclass(frozen=True)
class Standing:
    """What an object is.

    Attributes:
        problem: why it is not read, where that is an error; None where it is read, and where it is somebody else's.
        skippable: whether it may be passed over on request, in place of the error.
        foreign: it is somebody else's.
    """

    problem: str | None = None
    skippable: bool = False
    foreign: bool = False


def standing(version: str, kind: str) -> Standing:
    """What an object of this apiVersion and kind is; neither is empty."""
    group = version.rpartition("/")[0] or ("" if _is_version(version) else version)
    if group == GROUP:
        return _of_eso(version, kind)
    return _of_a_part_of_eso(group, kind) if group.endswith(f".{GROUP}") else _of_others(version, group, kind)


def meant_kind(kind: str, slips: int = _SLIP) -> str | None:
    """Which kind of External Secrets Operator a kind stands for, misspelt or not; None where none is near."""
    found = {each: _edits(_plain(kind), _plain(each)) for each in READ}
    best = min(found, key=lambda each: found[each])
    return best if found[best] <= slips else None


def versions_of(kind: str) -> tuple[str, ...]:
    """The apiVersions of a kind that is read."""
    return PUSH_VERSIONS if kind in ("PushSecret", "ClusterPushSecret") else VERSIONS


def is_near_group(version: str) -> bool:
    """Whether an apiVersion is of one of External Secrets Operator's groups, misspelt or not."""
    group = version.partition("/")[0].strip().lower()
    name, _, rest = group.partition(".")
    return (
        group.endswith(f".{GROUP}")
        or _edits(group, GROUP) <= _SLIPS
        or ("." not in rest and _edits(name, GROUP.partition(".")[0]) <= _SLIP)
    )


def _of_eso(version: str, kind: str) -> Standing:
    if kind in READ:
        versions = versions_of(kind)
        if version in versions:
            return Standing()
        return Standing(f"apiVersion {version!r} is not supported; write {' or '.join(versions)}")
    if kind in _UNSUPPORTED:
        return Standing(_UNSUPPORTED[kind], skippable=True)
    if (meant := meant_kind(kind, _SLIPS)) is not None:
        return Standing(f"kind {kind!r} is not known; write {meant}")
    return Standing(_OTHER, skippable=True)


def _of_a_part_of_eso(group: str, kind: str) -> Standing:
    if (meant := meant_kind(kind)) is not None:
        return Standing(f"{meant} is a kind of {GROUP}, not of {group}; write apiVersion: {versions_of(meant)[0]}")
    return Standing(_GENERATOR if group == f"generators.{GROUP}" else _OTHER, skippable=True)


def _of_others(version: str, group: str, kind: str) -> Standing:
    meant = meant_kind(kind)
    if group == _FORMER_GROUP and meant == "ExternalSecret":
        return Standing(_FORMER, skippable=True)
    if meant is not None:
        return Standing(
            f"apiVersion {version!r} is not of External Secrets Operator; write kind: {meant} with apiVersion: "
            f"{versions_of(meant)[0]}, or leave the file out (exclude) if another operator reads it"
        )
    if is_near_group(version):
        return Standing(f"apiVersion {version!r} is not known; write {' or '.join(VERSIONS)}")
    return Standing(foreign=True)


def is_near_name(name: str, meant: str) -> bool:
    """Whether a field's name stands for another one, misspelt."""
    return name != meant and _edits(name.lower(), meant.lower()) <= (_SLIPS if len(meant) > _SHORT else _SLIP)


def _is_version(text: str) -> bool:
    """Whether an apiVersion without a slash is a version of Kubernetes' own group: `v1`."""
    return text[:1] == "v" and text[1:2].isdigit()


def _plain(kind: str) -> str:
    """A kind without what people vary: capitals, blanks, hyphens, and the plural."""
    return "".join(each for each in kind.lower() if each.isalnum()).removesuffix("s")


def _edits(text: str, other: str) -> int:
    """How many letters to change, leave out, add or swap with their neighbour for one text to become the other."""
    if abs(len(text) - len(other)) > _SLIPS:
        return _SLIPS + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(text, 1):
        line = [row]
        for column, against in enumerate(other, 1):
            cost = min(last[column] + 1, line[column - 1] + 1, last[column - 1] + (letter != against))
            if row > 1 and column > 1 and (letter, text[row - 2]) == (other[column - 2], against):
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
