"""Which words of ours say the same cause as a text of External Secrets Operator.

ESO's texts are those of its warning events and of the condition Ready. Each line is a pattern of ESO's text, and what
our text must hold, any case; `{name}` is what the pattern found under that name, and a bar stands between words of
which one will do.
"""

import re
from collections.abc import Iterable

_GONE = "does not exist|has no label|has no version|cannot be a parameter's name|a parameter's name is empty"
_NAMED = "parameter {key}:|secret {key}:"
CAUSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"key (?P<property>.+) does not exist in secret (?P<key>\S+)", ("no JSON property '{property}'", "{key}")),
    # A name that cannot be one does not exist for moto, nor does one with a label that it has not; AWS says which.
    (r"\(key: (?P<key>.*?)\), err: Secret does not exist", ("{key}", _GONE)),
    (r"err: Secret does not exist", (_GONE,)),
    (r"could not find version (?P<version>\d+) of (?P<key>\S+?)\. ", ("'{key}'", "no version '{version}'")),
    (r"\(key: (?P<key>\S+)\), err: error listing tags .*InvalidResourceId", ("'{key}'", "no such parameter")),
    (r"error listing tags .*InvalidResourceId", ("no such parameter",)),
    (r"unable to unmarshal secret (?P<key>\S+): json: cannot unmarshal", (_NAMED, "not an object")),
    (r"unable to unmarshal secret (?P<key>\S+): (invalid|unexpected)", (_NAMED, "not valid JSON")),
    (r"data\[(?P<key>\.dockercfg|\.dockerconfigjson)\]: Invalid value", ("needs a JSON object in key {key}",)),
    (r"data\[(?P<key>.+?)\]: Required value", ("needs key {key}",)),
    # A name that a template made is not shown.
    (r"data\[(?P<key>.+)\]: Invalid value", ("'{key}'|key number", "is not allowed")),
    (r"metadata\.labels: Invalid value", ("does not allow in a label",)),
    (r"metadata\.annotations: Invalid value: \"(?P<name>.*?)\"", ("annotation '{name}'",)),
    (r"key has length (?P<length>\d+) but max is 253", ("has {length} characters",)),
    (r"failed to compile: error parsing regexp", ("the regular expression is not valid",)),
    (r"failed to compile regex (?P<regexp>.+?): ", ("'{regexp}' is not a regular expression",)),
    (r"template\.type=\"(?P<type>.+?)\".* is not allowed", ("template.type '{type}'", "is not allowed")),
    (r"invalid generic target|generic targets are disabled", ("target.manifest",)),
    (r"secret is immutable", ("immutable",)),
    (r"ServiceAccount \"(?P<name>.+?)\" not found", ("{name}", "does not exist")),
    (r"unable to get generator", ("generatorRef",)),
    (r"invalid secret keys.*key has invalid character .*: (?P<key>\S+)", ("'{key}'", "is not allowed")),
    (r"secret name collision during conversion: (?P<key>\S+)", ("'{key}'", "of two keys")),
    (r"merge failed with conflicts: (?P<key>[^,\s]+)", ("several objects have", "'{key}'")),
    (r"merge failed with key \"(?P<key>.+)\" not found", ("priority key '{key}' was not found",)),
    (r"merge failed with failed to unmarshal JSON", ("cannot be merged",)),
    (r"merge failed with missing 'into' field", ("merge.into",)),
    (r"fetched secret value for key \"(?P<key>.+)\" contains null bytes", ("'{key}'", "null bytes")),
    (r"illegal base64 data", ("decodingStrategy",)),
    (r"map has no entry for key \"(?P<key>.+?)\"", ("no key '{key}'",)),
    (r"function \"(?P<name>.+?)\" not defined", ("'{name}'",)),
    (r"could not compile find.name.regexp \[(?P<regexp>.+?)\]", ("{regexp}",)),
    (r"unexpected find operator", ("name.regexp) or tags",)),
    (r"could not get \w+ \"\"", ("secretStoreRef is required",)),
    # It is not there, or the API server refused it; ours says why.
    (r"could not get (?P<kind>\w+) \"(?P<name>[^\"]+)\"", ("there is no {kind} '{name}'|/{name}: spec",)),
    (r"cannot find secret data for key: \"(?P<key>.+?)\"", ("key '{key}'",)),
    (r"cannot get Kubernetes secret \"(?P<name>.+?)\"", ("{name}", "does not exist")),
    (r"using cluster store .* is not allowed from namespace \"(?P<namespace>.+?)\"", ("'{namespace}'", "conditions")),
    (r"owned by another ExternalSecret", ("owned by another ExternalSecret",)),
    (r"target is immutable", ("immutable",)),
    (r"failed to take ownership", ("controlled by",)),
    (r"already owned by another (?P<kind>\w+) controller (?P<name>\S+)", ("controlled by {kind} '{name}'",)),
    (r"error in (?P<kind>configmap|secret) (?P<name>\S+): missing key (?P<key>\S+)", ("{name}", "'{key}'")),
    (r"(?P<kind>configmaps|secrets) \"(?P<name>.+?)\" not found", ("{name}", "does not exist")),
    (
        r"unable to delete secret .* is not Owner",
        ("unable to delete|deletionPolicy Delete", "is not Owner|is not ours"),
    ),
    (r"error calling (?P<name>\w+): ", ("{name}: ",)),
    (r"could not unmarshal template to", ("YAML",)),
    (r"template at key (?P<key>\S+?): template: ", ('["{key}"]|, key {key})',)),
    (r"could not get source secret", ("does not exist|selector.secret.name is required|source secret deleted",)),
    (r"source secret deleted", ("source secret deleted",)),
    (r"duplicate remote key \"(?P<key>[^\"]+)\"", ("duplicate remote key '{key}'",)),
    (r"failed to compile regexp pattern", ("match.regexp",)),
    (r"labelSelector does not match any store", ("labelSelector does not match any store",)),
    (r"Value '(?P<value>\w+)' at 'type' failed", ("secretType '{value}' is not known",)),
    (r"unexpected apiVersion \"(?P<version>[^\"]+)\"", ('unexpected apiVersion "{version}"',)),
    (r"json: unknown field \"(?P<field>\w+)\"", ("unknown field '{field}'",)),
    (r"requires a json secret", ("is no object|not valid JSON|was not written by this PushSecret",)),
    (r"Cannot specify a 'managed-by' tag", ("'managed-by' is this library's own",)),
    (r"invalid secret push format: (?P<format>\S+)", ("secretPushFormat '{format}' is not known",)),
    (r"could not write remote ref .* marked for deletion", ("marked for deletion|was not written by this PushSecret",)),
    (r"failed to resolve resource policy|unsupported PolicySourceRef kind", ("policySourceRef",)),
    (r"secret not managed by external-secrets", ("was not written by this PushSecret",)),
    (r"secret key (?P<key>\S+) does not exist", ("secret key {key} does not exist",)),
    (r"No access to reserved parameter name", ("AWS reserves|AWS's own",)),
    (
        r"error pushing parameter .*(ValidationException|HierarchyLevelLimitExceededException)",
        ("cannot be a parameter's name|bytes, and tier",),
    ),
    (r"\(key: (?P<key>\S+)\), err: .*marked for deletion", ("'{key}'", "marked for deletion")),
    (r"\(key: (?P<key>\S+)\), err: .*DescribeSecret.*ResourceNotFoundException", ("'{key}'", "does not exist")),
    (r"operation error (SSM|Secrets Manager): (?P<operation>\w+), .*AccessDenied", ("may not call", ":{operation}")),
    (r"AccessDenied", ("not authorized",)),
)

STATIC = ("could not get secret data from provider", "could not update secret", "could not delete secret")
"""Conditions of ESO that name no cause."""
NOISE = (
    r"^\w+ \"[^\"]+\" already exists$",
    r"SecretStore \"[^\"]+\" is not ready$",
    r"^\w+\.external-secrets\.io \"[^\"]*\" is invalid: ",
)
"""Events about ESO's own retries, with another one that names the cause; and what the API server refused before."""


def cause_problem(theirs: str, ours: Iterable[str]) -> str | None:
    """Why none of our texts names the cause that one of ESO's does; None where one does, or there is none to name.

    Raises:
        LookupError: no line above knows ESO's text.
    """
    if theirs in STATIC or any(re.search(noise, theirs) for noise in NOISE):
        return None
    for pattern, words in CAUSES:
        if found := re.search(pattern, theirs):
            wanted = [[each.format(**found.groupdict()) for each in word.split("|")] for word in words]
            if any(all(any(each.lower() in text.lower() for each in word) for word in wanted) for text in ours):
                return None
            told = " and ".join(" or ".join(map(repr, word)) for word in wanted)
            return f"our text should say {told}, as ESO says {theirs!r}"
    raise LookupError(theirs)
