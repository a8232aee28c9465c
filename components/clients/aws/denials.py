"""The messages about calls that AWS denied, or that failed for good, of every service. Never a value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...core.service import ProblemKind
from ...errors import IdentityError, ParameterStoreError, ReadError
from .failures import CallFailedError, Denial, Failure, Kind
from .reads import Caller, ReadProblem

_KEY = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/(?:mrk-)?[0-9a-f-]{4,36}")
_LATER = "run again later; if an endpoint of your own is set, look at its log"
_WHAT_TO_DO = {
    Kind.SERVER: _LATER,
    Kind.ANSWER: _LATER,
    Kind.UNREACHABLE: "check {address}, the network and the proxy",
    Kind.TIMEOUT: "check the network and the proxy, then run again",
    Kind.REQUEST: "check {address}",
}
_REGION = "the region's name"


@dataclass(frozen=True)
class Words:
    """What a service is called where nothing of it can be read.

    Attributes:
        things: what it keeps, such as `parameters`.
        client: its name in AWS's SDKs, in host names and in the variable of its endpoint.
        throttled: what to do where it kept throttling.
    """

    things: str
    client: str
    throttled: str


def store_failure(failed: CallFailedError, caller: Caller, words: Words, of: str = "") -> ParameterStoreError:
    """Nothing can be read, since a call was given up: the error to raise.

    Args:
        failed: what became of the call.
        caller: who asked, and where.
        words: what the service is called.
        of: what the call was about; empty where it was about all.
    """
    failure = failed.failure
    if failure.kind is Kind.CREDENTIALS:
        return IdentityError(
            f"AWS credentials {failure.reason} ({failure.code}): {words.things} in {caller.region} were asked for as "
            f"{caller.identity} at {caller.endpoint}; renew these credentials, then run again"
        )
    advice = _WHAT_TO_DO.get(failure.kind, "").format(address=_address(failure, caller, words))
    if failure.kind is Kind.THROTTLED:
        advice = words.throttled
    # Only where an answer makes no sense does it matter which call it was.
    things = of if of and failure.kind is Kind.ANSWER else words.things
    return ReadError(
        f"{things} in {caller.region} cannot be read from {caller.endpoint} as {caller.identity}: "
        f"{failure.reason}{failed.tried}{'; ' + advice if advice else ''}"
    )


def denied(
    what: str, failure: Failure, caller: Caller, action: str, resource: str, also: Sequence[str] = ()
) -> ReadProblem:
    """A denial, with the statement that would lift it.

    Args:
        what: what was denied, as a clause.
        failure: what AWS says.
        caller: who asked, and where.
        action: the IAM action of the call.
        resource: the ARN that it is about.
        also: what the same step needs besides, so that not every right is missed in a run of its own.
    """
    denial, identity = failure.denial, identity_of(failure, caller)
    if denial is None:
        text = (
            f"{what} in {caller.region}: AWS denied it to {identity} without saying why ({failure.code}); the identity "
            f"needs {' and '.join(dict.fromkeys((action, *also)))} on {resource}"
        )
        return ReadProblem(ProblemKind.DENIED, text)
    needed = sorted({denial.action, *also})
    statement = {"Effect": "Allow", "Action": needed if also else denial.action, "Resource": resource}
    return ReadProblem(
        ProblemKind.DENIED,
        f"{what}: {identity} may not call {denial.action} on {_asked_for(denial, resource)}"
        f"{_remedy(denial, statement)}",
    )


def key_denied(what: str, denial: Denial, condition: Mapping[str, Mapping[str, str]]) -> ReadProblem:
    """A denial of KMS, with the statement that would lift it.

    Args:
        what: what cannot be encrypted or decrypted, as a clause.
        denial: what AWS says.
        condition: the condition on the encryption context that the service gives KMS.
    """
    named = denial.resource if _KEY.fullmatch(denial.resource) else ""
    statement = {
        "Effect": "Allow",
        "Action": denial.action,
        "Resource": named or "<the ARN of its KMS key>",
        "Condition": condition,
    }
    return ReadProblem(
        ProblemKind.KEY,
        f"{what}: {denial.identity} may not call {denial.action} on its KMS key"
        f"{' ' + named if named else ''}{_remedy(denial, statement)}; "
        "the key's own policy must let IAM policies of the account decide",
    )


def identity_of(failure: Failure, caller: Caller) -> str:
    """Who was denied, as AWS calls it where it says so."""
    return failure.denial.identity if failure.denial else caller.identity


def account_of(identity: str, caller: Caller) -> str:
    """The account of the identity that asks; `*` where it is not known."""
    return caller.account or (identity.split(":")[4] if identity.startswith("arn:") else "*")


def _address(failure: Failure, caller: Caller, words: Words) -> str:
    """What may be wrong with where was asked: the region, where the answer says so or the URL is made of it."""
    host = rf"https://{words.client}(-fips)?\.{re.escape(caller.region)}\."
    if re.match(host, caller.endpoint) is not None or "Region" in failure.code:
        return _REGION
    return f"the endpoint that is set (aws:endpoints, AWS_{words.client.upper()}_ENDPOINT or AWS_ENDPOINT_URL)"


def _asked_for(denial: Denial, resource: str) -> str:
    """The ARN that AWS names, where it is what was asked for in another spelling; else the one that was asked for."""
    named, asked = (arn.split(":", 5)[-1].strip("/*") for arn in (denial.resource, resource))
    return denial.resource if denial.resource and named == asked else resource


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
