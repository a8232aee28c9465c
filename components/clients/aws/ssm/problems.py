"""The messages about reading parameters: what failed, who asked, where, what to do. Never a value."""

import json
import re
from collections.abc import Mapping, Sequence

from ....core.service import ProblemKind
from ....core.ssm.references import ParameterReference, arn
from ....core.ssm.sources import Find
from ....errors import IdentityError, ParameterStoreError, ReadError
from ..failures import CallFailedError, Denial, Failure, Kind
from ..reads import Caller, ReadProblem

ACTION = "ssm:GetParameters"
_KEY = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/(?:mrk-)?[0-9a-f-]{4,36}")
_WHAT_TO_DO = {
    Kind.THROTTLED: "lower the store's rate limit, run again later, or raise the account's limit (Parameter Store "
    "settings, higher throughput)",
    Kind.SERVER: "run again later; if an endpoint of your own is set, look at its log",
    Kind.UNREACHABLE: "check {address}, the network and the proxy",
    Kind.TIMEOUT: "check the network and the proxy, then run again",
    Kind.REQUEST: "check {address}",
}
_REGION = "the region's name"
_ENDPOINT = "the endpoint that is set (aws:endpoints, AWS_SSM_ENDPOINT or AWS_ENDPOINT_URL)"


def missing(reference: ParameterReference, caller: Caller, *, exists: bool) -> ReadProblem:
    """AWS knows no such parameter, version or label; what `exists` is there in another version."""
    where = f"in {caller.region} (asked as {caller.identity})"
    name, selector = repr(reference.name), reference.selector
    if exists and selector:
        kind = "version" if selector.isdigit() else "label"
        text = f"parameter {name} has no {kind} {selector!r} {where}: name a {kind} that exists, or none"
        return ReadProblem(ProblemKind.VERSION, text)
    return ReadProblem(
        ProblemKind.MISSING,
        f"parameter {name} does not exist {where}: create it, or correct its name, region or account",
    )


def unanswered(reference: ParameterReference, caller: Caller) -> ReadProblem:
    """AWS's answer leaves out a name that it was asked for."""
    return ReadProblem(
        ProblemKind.INVALID, f"parameter {reference.name!r}: the answer of {caller.endpoint} says nothing about it"
    )


def refused(reference: ParameterReference, failure: Failure, caller: Caller) -> ReadProblem:
    """One parameter made its call fail: not allowed, its key cannot be used, or AWS does not take its name."""
    name = f"parameter {reference.name!r}"
    if failure.kind is Kind.KEY:
        return ReadProblem(
            ProblemKind.KEY,
            f"{name} in {caller.region}: {failure.reason} ({failure.code}); "
            "enable the key or cancel its deletion, or write the parameter again with another key",
        )
    if failure.kind is Kind.REQUEST:
        return ReadProblem(
            ProblemKind.INVALID,
            f"{name} in {caller.region}: AWS does not accept this name ({failure.code}); correct the reference",
        )
    denial, identity = failure.denial, _identity(failure, caller)
    if denial is None or denial.action.startswith("kms:"):
        return _undecryptable(name, reference, failure, identity, caller)
    resource = _parameter_arn(reference.name, denial.identity, caller)
    return _denied(name, failure, caller, denial.action, resource)


def no_tags(name: str, failure: Failure, caller: Caller) -> ReadProblem:
    """One parameter's tags could not be read."""
    what = f"tags of parameter {name!r}"
    if failure.kind is not Kind.DENIED:
        return ReadProblem(
            ProblemKind.INVALID,
            f"{what} in {caller.region} (asked as {caller.identity}): AWS knows no such parameter ({failure.code}); "
            "create it, or correct its name; tags are asked for by a name and not by an ARN",
        )
    resource = _parameter_arn(name, _identity(failure, caller), caller)
    return _denied(what, failure, caller, "ssm:ListTagsForResource", resource)


def not_listed(find: Find, failure: Failure, caller: Caller, *, by_path: Failure | None = None) -> ReadProblem:
    """Nothing could be listed for a find.

    A denial of GetParametersByPath (`by_path`) came first, where DescribeParameters has now failed too.
    """
    what = f"find below {find.below!r}"
    if failure.kind is not Kind.DENIED:
        return ReadProblem(
            ProblemKind.INVALID,
            f"{what} in {caller.region}: AWS does not accept this search ({failure.code}); correct the find",
        )
    if by_path is None and find.tags:
        what = f"find by tags {', '.join(f'{key}={value}' for key, value in find.tags)} below {find.below!r}"
        return _denied(what, failure, caller, "ssm:DescribeParameters", "*")
    first = by_path or failure
    account = _account(_identity(first, caller), caller)
    resource = f"arn:{caller.partition}:ssm:{caller.region}:{account}:parameter{find.below}"
    problem = _denied(what, first, caller, "ssm:GetParametersByPath", resource)
    otherwise = "ssm:DescribeParameters on * with ssm:GetParameters on what is found would do instead"
    return ReadProblem(problem.kind, f"{problem.message}; {otherwise}")


def of_a_match(problem: ReadProblem, path: str, by_path: Failure | None) -> ReadProblem:
    """A parameter that a find wants could be listed and not read.

    Because of a denial of GetParametersByPath (`by_path`) parameters are read one by one.
    """
    if by_path is None or problem.kind is not ProblemKind.DENIED:
        return problem
    return ReadProblem(problem.kind, f"{problem.message}; ssm:GetParametersByPath on {path!r} would do instead")


def not_written(names: Sequence[str], failure: Failure, caller: Caller, action: str) -> ReadProblem:
    """Something about parameters that are to be written is denied, or their key cannot be used.

    Args:
        names: the parameters.
        failure: of kind DENIED or KEY.
        caller: who asked, where.
        action: the IAM action of the call.
    """
    name, denial = f"parameter {names[0]!r}", failure.denial
    if failure.kind is Kind.KEY:
        return ReadProblem(
            ProblemKind.KEY,
            f"{name} in {caller.region}: its KMS key cannot be used ({failure.code}); name one that exists and is "
            "enabled in kmsKeyID",
        )
    if denial is not None and denial.action.startswith("kms:"):
        return _key_denied(f"{name} cannot be encrypted", names[0], denial, caller)
    if action == "ssm:DescribeParameters":
        return _denied(f"what {name} is like", failure, caller, action, "*")
    return _denied(name, failure, caller, action, _parameter_arn(names[0], _identity(failure, caller), caller))


def store_failure(failed: CallFailedError, caller: Caller) -> ParameterStoreError:
    """Nothing can be read, since a call was given up: the error to raise."""
    failure = failed.failure
    if failure.kind is Kind.CREDENTIALS:
        return IdentityError(
            f"AWS credentials {failure.reason} ({failure.code}): parameters in {caller.region} were asked for as "
            f"{caller.identity} at {caller.endpoint}; renew these credentials, then run again"
        )
    advice = _WHAT_TO_DO.get(failure.kind, "").format(address=_address(failure, caller))
    return ReadError(
        f"parameters in {caller.region} cannot be read from {caller.endpoint} as {caller.identity}: {failure.reason}"
        f"{failed.tried}{'; ' + advice if advice else ''}"
    )


def _address(failure: Failure, caller: Caller) -> str:
    """What may be wrong with where was asked: the region, where the answer says so or the URL is made of it."""
    of_region = re.match(rf"https://ssm(-fips)?\.{re.escape(caller.region)}\.", caller.endpoint) is not None
    return _REGION if of_region or "Region" in failure.code else _ENDPOINT


def _denied(what: str, failure: Failure, caller: Caller, action: str, resource: str) -> ReadProblem:
    """A denial, with the statement that would lift it."""
    denial, identity = failure.denial, _identity(failure, caller)
    if denial is None:
        text = (
            f"{what} in {caller.region}: AWS denied it to {identity} without saying why ({failure.code}); the identity "
            f"needs {action} on {resource}"
        )
        return ReadProblem(ProblemKind.DENIED, text)
    return ReadProblem(
        ProblemKind.DENIED,
        f"{what}: {identity} may not call {denial.action} on {_asked_for(denial, resource)}"
        f"{_remedy(denial, {'Effect': 'Allow', 'Action': denial.action, 'Resource': resource})}",
    )


def _asked_for(denial: Denial, resource: str) -> str:
    """The ARN that AWS names, where it is what was asked for in another spelling; else the one that was asked for."""
    named, asked = (arn_.split(":", 5)[-1].strip("/*") for arn_ in (denial.resource, resource))
    return denial.resource if named == asked else resource


def _undecryptable(
    name: str, reference: ParameterReference, failure: Failure, identity: str, caller: Caller
) -> ReadProblem:
    if failure.denial is not None:
        return _key_denied(f"{name} cannot be decrypted", reference.name, failure.denial, caller)
    return ReadProblem(
        ProblemKind.DENIED,
        f"{name} in {caller.region}: AWS denied it to {identity} without saying why ({failure.code}); the identity "
        f"needs {ACTION} on the parameter and, if its KMS key is not the default one, kms:Decrypt on that key",
    )


def _key_denied(what: str, name: str, denial: Denial, caller: Caller) -> ReadProblem:
    """A denial of KMS, with the statement that would lift it."""
    named = denial.resource if _KEY.fullmatch(denial.resource) else ""
    statement = {
        "Effect": "Allow",
        "Action": denial.action,
        "Resource": named or "<the ARN of its KMS key>",
        "Condition": {
            "StringEquals": {"kms:EncryptionContext:PARAMETER_ARN": _parameter_arn(name, denial.identity, caller)}
        },
    }
    return ReadProblem(
        ProblemKind.KEY,
        f"{what}: {denial.identity} may not call {denial.action} on its KMS key"
        f"{' ' + named if named else ''}{_remedy(denial, statement)}; "
        "the key's own policy must let IAM policies of the account decide",
    )


def _remedy(denial: Denial, statement: Mapping[str, object]) -> str:
    if denial.explicit:
        return f" {denial.why}: that deny must be changed, no further permission outweighs it"
    why = f" {denial.why} it" if denial.why else ""
    if "boundary" in denial.why:
        return f"{why}; its permissions boundary must have this statement as well: {json.dumps(statement)}"
    if "resource-based" in denial.why:
        # Only a key has such a policy among what is read here; it always means the key that it belongs to.
        in_key_policy = {"Principal": {"AWS": denial.principal or denial.identity}, "Resource": "*"}
        return f"{why}; the key's policy is the cause: it needs {json.dumps({**statement, **in_key_policy})}"
    return f"{why}; the likely cause is its policy; this statement allows it: {json.dumps(statement)}"


def _identity(failure: Failure, caller: Caller) -> str:
    """Who was denied, as AWS calls it where it says so."""
    return failure.denial.identity if failure.denial else caller.identity


def _account(identity: str, caller: Caller) -> str:
    return caller.account or (identity.split(":")[4] if identity.startswith("arn:") else "*")


def _parameter_arn(name: str, identity: str, caller: Caller) -> str:
    return arn(caller.partition, caller.region, _account(identity, caller), name)
