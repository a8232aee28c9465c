"""The messages about reading secrets: what failed, who asked, where, what to do. Never a value."""

from __future__ import annotations

from ....core.secrets_manager.secret_permissions import BATCH, CREATE, DESCRIBE, LIST, PUT, READ, SECRET_ARN, TAG
from ....core.secrets_manager.secret_references import ANY_END, SecretReference, resource
from ....core.secrets_manager.secret_sources import FindSecrets
from ....core.service import ProblemKind
from ..denials import Words, account_of, denied, identity_of, key_denied
from ..failures import Failure, Kind
from ..reads import Caller, ReadProblem
from .secret_facts import SecretFacts

WORDS = Words(
    "secrets",
    "secretsmanager",
    "lower the store's rate limit (requests_per_second), or run again later",
)
_TOGETHER = {CREATE: (CREATE, TAG), TAG: (PUT, TAG)}
"""What is needed besides, as each secret of ours bears a tag that says so."""
_MAY_BE_MISSING = "; or there is no such secret there, which AWS tells only those who may describe it"


def missing(reference: SecretReference, facts: SecretFacts | None, caller: Caller) -> ReadProblem:
    """There is no such secret or version: none, marked for deletion, or without the stage or id that is asked for.

    ESO takes all of that for a secret that does not exist, on which `deletionPolicy` acts.
    """
    name, where = repr(reference.name), f"in {caller.region} (asked as {caller.identity})"
    if facts is None:
        text = f"secret {name} does not exist {where}: create it, or correct its name, region or account"
    elif facts.deleted is not None:
        until = facts.deleted.strftime("%Y-%m-%d")
        text = (
            f"secret {name} is marked for deletion {where}, and counts as one that does not exist: it can be restored "
            f"until {until}, by 'aws secretsmanager restore-secret'"
        )
    elif not facts.stages:
        text = f"secret {name} has no value yet {where}, so that it does not exist as a version: write its first value"
    elif reference.by_id_alone:
        text = f"secret {name} has no version {reference.version_id!r} {where}: name a version that exists, or a stage"
    else:
        text = (
            f"secret {name} has no version of stage {reference.stage!r} {where}: name a stage that it has, or "
            "'uuid/' and a version's id"
        )
    return ReadProblem(ProblemKind.MISSING, text, None if facts is None else facts.details)


def moved(reference: SecretReference, facts: SecretFacts, caller: Caller) -> ReadProblem:
    """The version that was seen does not bear its stage any more, or AWS has no value of it."""
    name = f"secret {reference.name!r} in {caller.region}"
    if facts.version_at(reference.stage) == reference.version_id:
        text = f"{name}: version {reference.version_id!r} has no value yet; wait until its rotation has ended"
        return ReadProblem(ProblemKind.MISSING, text)
    text = f"{name}: stage {reference.stage} moved to another version while this was running; run this again"
    return ReadProblem(ProblemKind.VERSION, text)


def refused(reference: SecretReference, failure: Failure, caller: Caller, action: str) -> ReadProblem:
    """One secret cannot be described or read: not allowed, its key cannot be used, or AWS does not take its name."""
    name = f"secret {reference.name!r}"
    if failure.kind is Kind.KEY:
        return ReadProblem(
            ProblemKind.KEY,
            f"{name} in {caller.region}: {failure.reason} ({failure.code}); "
            "enable the key or cancel its deletion, or write the secret again with another key",
        )
    if failure.kind is Kind.REQUEST:
        return ReadProblem(
            ProblemKind.INVALID,
            f"{name} in {caller.region}: AWS does not accept this request ({failure.code}); correct the reference",
        )
    arn = _arn(reference.name, failure, caller)
    denial = failure.denial
    if action == READ and denial is None:
        return ReadProblem(
            ProblemKind.DENIED,
            f"{name} in {caller.region}: AWS denied it to {caller.identity} without saying why ({failure.code}); the "
            f"identity needs {READ} on {arn} and, if its KMS key is not the default one, kms:Decrypt on that key",
        )
    if denial is not None and denial.action.startswith("kms:"):
        operator = "StringLike" if arn.endswith(ANY_END) else "StringEquals"
        done = "decrypted" if action == READ else "written"
        return key_denied(f"{name} cannot be {done}", denial, {operator: {SECRET_ARN: arn}})
    problem = denied(name, failure, caller, action, arn, _TOGETHER.get(action, ()))
    # What is read by a stage was described in this operation.
    missing_too = _MAY_BE_MISSING if action == DESCRIBE or (action == READ and reference.by_id_alone) else ""
    return ReadProblem(problem.kind, problem.message + missing_too)


def no_batch(reference: SecretReference, failure: Failure, caller: Caller) -> ReadProblem:
    """A batch of secrets could not be read as a whole."""
    name = f"secret {reference.name!r}"
    if failure.kind is Kind.DENIED:
        problem = denied(f"{name}, in a batch", failure, caller, BATCH, "*")
        return ReadProblem(problem.kind, f"{problem.message}; or leave batch_reads out of the store")
    return refused(reference, failure, caller, BATCH)


def no_tags(name: str, facts: SecretFacts | None, caller: Caller) -> ReadProblem:
    """Tags of what does not exist, which ESO never takes for a missing value."""
    return ReadProblem(ProblemKind.INVALID, f"tags: {missing(SecretReference(name), facts, caller).message}")


def not_listed(find: FindSecrets, failure: Failure, caller: Caller) -> ReadProblem:
    """Nothing could be listed for a find."""
    what = f"find of names that begin with {find.path!r}" if find.path else "find"
    if failure.kind is Kind.DENIED:
        return denied(what, failure, caller, LIST, "*")
    return ReadProblem(
        ProblemKind.INVALID,
        f"{what} in {caller.region}: AWS does not accept this search ({failure.code}); correct the find",
    )


def _arn(name: str, failure: Failure, caller: Caller) -> str:
    return resource(caller.partition, caller.region, account_of(identity_of(failure, caller), caller), name)
