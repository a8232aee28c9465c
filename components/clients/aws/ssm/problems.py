"""The messages about reading parameters: what failed, who asked, where, what to do. Never a value."""

from collections.abc import Sequence

from ....core.service import ProblemKind
from ....core.ssm.references import ParameterReference, arn
from ....core.ssm.sources import Find
from ..denials import Words, account_of, denied, identity_of, key_denied
from ..failures import Denial, Failure, Kind
from ..reads import Caller, ReadProblem

ACTION = "ssm:GetParameters"
_PUSHES = ("ssm:AddTagsToResource", "ssm:PutParameter")
"""What it takes to write a parameter, as ours bear a tag that says so."""
WORDS = Words(
    "parameters",
    "ssm",
    "lower the store's rate limit, run again later, or raise the account's limit (Parameter Store settings, higher "
    "throughput)",
)
_CONTEXT = "kms:EncryptionContext:PARAMETER_ARN"


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
    denial, identity = failure.denial, identity_of(failure, caller)
    if denial is None or denial.action.startswith("kms:"):
        return _undecryptable(name, reference, failure, identity, caller)
    resource = _parameter_arn(reference.name, denial.identity, caller)
    return denied(name, failure, caller, denial.action, resource)


def no_tags(name: str, failure: Failure, caller: Caller) -> ReadProblem:
    """One parameter's tags could not be read."""
    what = f"tags of parameter {name!r}"
    if failure.kind is not Kind.DENIED:
        return ReadProblem(
            ProblemKind.INVALID,
            f"{what} in {caller.region} (asked as {caller.identity}): AWS knows no such parameter ({failure.code}); "
            "create it, or correct its name; tags are asked for by a name and not by an ARN",
        )
    resource = _parameter_arn(name, identity_of(failure, caller), caller)
    return denied(what, failure, caller, "ssm:ListTagsForResource", resource)


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
        return denied(what, failure, caller, "ssm:DescribeParameters", "*")
    first = by_path or failure
    account = account_of(identity_of(first, caller), caller)
    resource = f"arn:{caller.partition}:ssm:{caller.region}:{account}:parameter{find.below}"
    problem = denied(what, first, caller, "ssm:GetParametersByPath", resource)
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
        return key_denied(f"{name} cannot be encrypted", denial, _context(names[0], denial, caller))
    if action == "ssm:DescribeParameters":
        return denied(f"what {name} is like", failure, caller, action, "*")
    also = _PUSHES if action in _PUSHES else ()
    return denied(name, failure, caller, action, _parameter_arn(names[0], identity_of(failure, caller), caller), also)


def _undecryptable(
    name: str, reference: ParameterReference, failure: Failure, identity: str, caller: Caller
) -> ReadProblem:
    if failure.denial is not None:
        return key_denied(
            f"{name} cannot be decrypted", failure.denial, _context(reference.name, failure.denial, caller)
        )
    return ReadProblem(
        ProblemKind.DENIED,
        f"{name} in {caller.region}: AWS denied it to {identity} without saying why ({failure.code}); the identity "
        f"needs {ACTION} on the parameter and, if its KMS key is not the default one, kms:Decrypt on that key",
    )


def _parameter_arn(name: str, identity: str, caller: Caller) -> str:
    return arn(caller.partition, caller.region, account_of(identity, caller), name)


def _context(name: str, denial: Denial, caller: Caller) -> dict[str, dict[str, str]]:
    return {"StringEquals": {_CONTEXT: _parameter_arn(name, denial.identity, caller)}}
