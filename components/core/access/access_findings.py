"""What of a map somebody should look at; each kind has a paragraph in docs/access-map.md."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from ...display import some_of
from .access_map import BY_NAME, AccessMap, Finding, titled

_KIND = "ExternalSecret"

WORDS = {
    "also-written": "its Secret is written by others as well: {}",
    "behind": "pinned to version {}, and the newest that is read elsewhere is {}",
    "cannot-be-read": "its source can be no parameter's",
    "cannot-be-written": "its name can be no parameter's",
    "find-everywhere": "finds among all parameters of the account; give the find a path",
    "known-during-up": "{} is known during `pulumi up` alone",
    "no-customer-key": "no customer key: everybody who may read the parameter may decrypt it",
    "no-store": "its store is not in this stack",
    "not-granted": "{} lacks {} on {}",
    "orphan": "creationPolicy Orphan: the Secret stays when the ExternalSecret is removed, and nobody updates it then",
    "plain-parameter": "its parameter is of type {}, which is not encrypted; make it a SecureString",
    "plain-push": "writes the type {}, which is not encrypted; set secretType SecureString",
    "several-namespaces": "goes into the namespaces {}",
    "unused-grant": "{} may {} on {}, and nothing needs it",
    "wide-grant": "{} may {} {} ({}), of which {} parameters are used here",
}
"""Finding -> what it says, with a place for each detail; the last place takes all that are left."""


def with_findings(found: AccessMap) -> AccessMap:
    """A map with all that it tells by itself."""
    made = {*found.findings, *_wide(found), *_shared(found), *_secrets(found), *_behind(found), *_finds(found)}
    return replace(found, findings=tuple(sorted(made)))


def worded(finding: Finding) -> str:
    """What a finding says."""
    text = WORDS[finding.kind]
    places = text.count("{}")
    last = some_of(finding.what[places - 1 :]) if places else ""
    return text.format(*finding.what[: max(places - 1, 0)], last) if places else text


def _wide(found: AccessMap) -> Iterator[Finding]:
    for role in found.roles:
        encrypted = any(each.action == "kms:Decrypt" for each in role.grants)
        if role.created and role.grants and not encrypted and any(":Get" in each.action for each in role.grants):
            yield Finding("no-customer-key", role.store)
        for grant in role.grants:
            told = (role.identity, grant.action, grant.resource)
            if grant.scope != BY_NAME and ":Get" in grant.action:
                used = sum(
                    any(each.identity == role.identity and each.scope == grant.scope for each in parameter.readers)
                    for parameter in found.parameters
                )
                yield Finding("wide-grant", role.store, (*told, grant.scope, str(used)))
            elif not grant.because and grant.scope == BY_NAME and not grant.action.startswith(("sts:", "kms:")):
                yield Finding("unused-grant", role.store, told)


def _shared(found: AccessMap) -> Iterator[Finding]:
    namespaces: dict[str, set[str]] = defaultdict(set)
    for row in found.deliveries:
        namespaces[row.parameter].add(row.secret.partition("/")[0])
    for parameter, several in namespaces.items():
        if parameter and len(several) > 1:
            yield Finding("several-namespaces", parameter, tuple(sorted(several)))


def _secrets(found: AccessMap) -> Iterator[Finding]:
    writers: dict[str, list[str]] = defaultdict(list)
    for each in found.secrets:
        writers[each.secret].append(each.external_secret)
    for each in found.secrets:
        others = [name for name in writers[each.secret] if name != each.external_secret]
        merges = "Merge" in each.creation_policy
        if others or merges:
            told = [titled(_KIND, name) for name in sorted(others)] or [f"creationPolicy {each.creation_policy}"]
            yield Finding("also-written", titled(_KIND, each.external_secret), tuple(told))
        if each.creation_policy == "Orphan":
            yield Finding("orphan", titled(_KIND, each.external_secret))


def _behind(found: AccessMap) -> Iterator[Finding]:
    versions = {each.arn: each.versions for each in found.parameters}
    for row in found.deliveries:
        newest = versions.get(row.parameter, ("",))[-1:]
        if row.version.isdigit() and newest and newest[0].isdigit() and int(newest[0]) > int(row.version):
            yield Finding("behind", f"{row.secret}, {row.key}", (row.version, newest[0]))


def _finds(found: AccessMap) -> Iterator[Finding]:
    for row in found.deliveries:
        if row.find and '"path"' not in row.find:
            yield Finding("find-everywhere", f"{row.secret}, {row.key}")
