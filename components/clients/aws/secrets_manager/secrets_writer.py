"""Writes secrets: each call under the quota that AWS gives it, and no text of AWS that could quote a value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from ....core.secret_value import Secret
from ....core.secrets_manager import secret_permissions as actions
from ....core.secrets_manager.secret_references import SecretReference
from ....core.secrets_manager.secret_writing import DEFAULT_KEY, DESCRIPTION, KEY, POLICY, REPLICAS, resource_policy
from ....core.service_writing import Details, Metadata, Put
from ....errors import WriteError
from ...waiting import pause
from ..calls import Calls, Connection
from ..failures import CallFailedError, Failure, Kind, UnreadableAnswerError
from ..rate_limit import RateLimiter
from ..reads import Caller
from ..retry import Retry
from ..writes import AlreadyThereError, tag_list
from . import secret_problems as problems
from .secret_facts import SecretFacts, copies_in, copying_in, is_asked_for, text_in
from .secrets_reader import CONCURRENCY, PROGRESS_EVERY

Answer = Mapping[str, Any]
_FULL = "LimitExceededException"
_COPYING = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds after which it is asked again what became of copies; what takes longer the next preview tells."""
_SAY_NOTHING = (actions.TAG, actions.UNTAG)
"""AWS's answers to these are empty."""


class SecretsWriter:
    """Writes the secrets of one store, as `Writer`; core/secrets_manager/secret_permissions.py says what that needs.

    Arguments are those of `WriterType`.
    """

    def __init__(
        self,
        client: Any,
        retry: Retry,
        *,
        caller: Caller,
        writes: RateLimiter,
        deletions: RateLimiter,
        others: RateLimiter,
        settle: float = 0.0,
    ) -> None:
        self._caller = caller

        def calls(limiter: RateLimiter) -> Calls[Any]:
            return Calls(Connection(client, limiter, retry, caller), settle, problems.WORDS, None)

        self._writes, self._deletions = calls(writes), calls(deletions)
        self._new_calls = partial(calls, others)

    def describe(self, wanted: Mapping[str, Metadata], told: Mapping[str, Details]) -> Mapping[str, Details]:
        """See `Writer`; a policy is asked for only where one is declared."""
        found: dict[str, Details] = {}
        calls = self._new_calls()

        def look(name: str) -> None:
            with suppress(_GoneError):
                details = told.get(name) or self._look(calls, name).details
                asked = wanted[name].resource_policy is not None
                found[name] = replace(details, policies=self._policies(calls, name)) if asked else details

        calls.run(
            [lambda: [partial(look, name) for name in sorted(wanted)]],
            concurrency=CONCURRENCY,
            progress=lambda: None,
            progress_every=PROGRESS_EVERY,
        )
        return found

    def put(self, put: Put) -> str:
        """See `Writer`."""
        wanted, value = put.details, {} if put.value is None else _value(put.value)
        if put.tags is not None:
            self._create(put, value, put.tags)
        elif about := _about(put):
            self._write(actions.UPDATE, put.name, lambda client: client.update_secret(SecretId=put.name, **about))
        if put.tags is None and REPLICAS in put.changes:
            self._replicate(put.name, wanted.replicas)
        if wanted.policies and (put.tags is not None or POLICY in put.changes):
            policy = {"ResourcePolicy": wanted.policies[0], "BlockPublicPolicy": not wanted.public}
            self._write(
                actions.PUT_POLICY, put.name, lambda client: client.put_resource_policy(SecretId=put.name, **policy)
            )
        if put.tags is None and value:

            def send(client: Any) -> Any:
                return client.put_secret_value(SecretId=put.name, ClientRequestToken=put.version, **value)

            self._write(actions.PUT, put.name, send, partial(_check_version, put.version))
        return put.version

    def tag(self, name: str, tags: Mapping[str, str]) -> None:
        """See `Writer`."""
        listed = tag_list(tags)
        self._write(actions.TAG, name, lambda client: client.tag_resource(SecretId=name, Tags=listed))

    def untag(self, name: str, keys: Collection[str]) -> None:
        """See `Writer`."""
        listed = sorted(keys)
        self._write(actions.UNTAG, name, lambda client: client.untag_resource(SecretId=name, TagKeys=listed))

    def restore(self, name: str) -> None:
        """See `Writer`."""
        self._write(actions.RESTORE, name, lambda client: client.restore_secret(SecretId=name))

    def delete(self, name: str, deletion: Mapping[str, Any], metadata: Metadata) -> None:
        """See `Writer`; AWS deletes no secret that has copies, so that those go first, where they are ours."""
        how = {name[:1].upper() + name[1:]: value for name, value in deletion.items()}
        try:
            if metadata.replication_locations:
                self._replicate(name, ())
            self._call(self._deletions, actions.DELETE, name, lambda client: client.delete_secret(SecretId=name, **how))
        except _GoneError:
            return

    def _create(self, put: Put, value: Mapping[str, Any], tags: Mapping[str, str]) -> None:
        wanted = put.details
        asked: dict[str, Any] = {
            "Name": put.name,
            "ClientRequestToken": put.version,
            "Description": wanted.description,
            "Tags": tag_list(tags),
            **({"KmsKeyId": wanted.key} if wanted.key is not None else {}),
            **({"AddReplicaRegions": [{"Region": each} for each in wanted.replicas]} if wanted.replicas else {}),
        }
        copies = self._write(actions.CREATE, put.name, lambda client: client.create_secret(**asked, **value), _copies)
        self._check_copies(put.name, copies, wanted.replicas)

    def _replicate(self, name: str, wanted: Collection[str]) -> None:
        """Copy a secret to just these regions."""
        there = self._look(self._new_calls(), name).copies
        if gone := sorted(there.keys() - set(wanted)):
            self._write(
                actions.UNREPLICATE,
                name,
                lambda client: client.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=gone),
            )
        if new := [{"Region": each} for each in sorted(wanted) if not there.get(each)]:
            copies = self._write(
                actions.REPLICATE,
                name,
                lambda client: client.replicate_secret_to_regions(SecretId=name, AddReplicaRegions=new),
                _copies,
            )
            self._check_copies(name, copies, wanted)

    def _check_copies(
        self, name: str, told: tuple[Mapping[str, bool], Collection[str]], wanted: Collection[str]
    ) -> None:
        """Raise WriteError where AWS could not make a copy, which it may say a moment after its answer."""
        copies, copying = told
        for seconds in _COPYING if wanted else ():
            if not copying:
                break
            pause(seconds)
            with suppress(_GoneError):  # what was just created need not be known everywhere
                seen = self._look(self._new_calls(), name)
                copies, copying = seen.copies, seen.copying
        if failed := sorted(region for region in wanted if copies.get(region) is False):
            raise WriteError(
                f"secret {name!r} in {self._caller.region} was not copied to {', '.join(failed)}: a secret of this "
                "name may be there already; delete that one or leave the region out, then run this again"
            )

    def _look(self, calls: Calls[Any], name: str) -> SecretFacts:
        def ask(client: Any) -> Any:
            return client.describe_secret(SecretId=name)

        facts: SecretFacts = self._call(calls, actions.DESCRIBE, name, ask, partial(SecretFacts.of, name))
        return facts

    def _policies(self, calls: Calls[Any], name: str) -> tuple[str, ...]:
        def ask(client: Any) -> Any:
            return client.get_resource_policy(SecretId=name)

        policy = self._call(calls, actions.GET_POLICY, name, ask, partial(text_in, key="ResourcePolicy"))
        return (resource_policy(policy),) if policy else ()

    def _write(
        self, action: str, name: str, ask: Callable[[Any], Answer], read: Callable[[Answer], Any] | None = None
    ) -> Any:
        return self._call(self._writes, action, name, ask, read)

    def _call(
        self,
        calls: Calls[Any],
        action: str,
        name: str,
        ask: Callable[[Any], Answer],
        read: Callable[[Answer], Any] | None = None,
    ) -> Any:
        """Make a call, and read its answer, which names the secret that it is about."""

        def attempt(client: Any) -> Any:
            try:
                answer = ask(client)
            except client.exceptions.ClientError as error:
                # For other services this code means throttling, which waiting cures.
                if error.response.get("Error", {}).get("Code") == _FULL:
                    raise WriteError(_refused(name, action, _FULL, self._caller)) from None
                raise
            if action not in _SAY_NOTHING and not _is_about(name, answer):
                raise UnreadableAnswerError
            return read(answer) if read else None

        try:
            return calls.write(attempt, f"secret {name!r}")
        except CallFailedError as failed:
            raise _refusal(failed.failure, action, name, self._caller) from None


def _copies(answer: Answer) -> tuple[Mapping[str, bool], Collection[str]]:
    return copies_in(answer), copying_in(answer)


def _is_about(asked: str, answer: Answer) -> bool:
    """Whether an answer is about the secret that was asked for; some have its ARN alone."""
    name, arn = answer.get("Name"), answer.get("ARN")
    return isinstance(arn, str) and (name is None or is_asked_for(asked, str(name), arn))


def _check_version(wanted: str, answer: Answer) -> None:
    if answer.get("VersionId") != wanted:
        raise UnreadableAnswerError


class _GoneError(WriteError):
    """There is no such secret."""


def _refused(name: str, action: str, code: str, caller: Caller) -> str:
    advice = _ADVICE.get((action, code)) or _ADVICE.get(("", code), "correct what is pushed")
    return f"secret {name!r} in {caller.region}: AWS refuses {action} ({code}): {advice}"


def _refusal(failure: Failure, action: str, name: str, caller: Caller) -> WriteError:
    where = f"secret {name!r} in {caller.region}"
    if failure.code == "ResourceExistsException" and action == actions.CREATE:
        return AlreadyThereError(
            f"{where} was created by somebody else while this was running, so it is not touched; run this again: "
            "preview says whose it is"
        )
    if failure.code == "ResourceNotFoundException":
        return _GoneError(f"{where} was deleted while this was running; run this again")
    if failure.kind in (Kind.DENIED, Kind.KEY):
        return WriteError(problems.refused(SecretReference(name), failure, caller, action).message)
    return WriteError(_refused(name, action, failure.code, caller))


_ADVICE = {
    (
        actions.PUT,
        _FULL,
    ): "it keeps 100 versions and drops none that is younger than a day; write the secret less often, "
    "at most every ten minutes",
    ("", _FULL): "a quota of the account is used up, such as the number of secrets; delete some, or ask AWS for more",
    (actions.DELETE, "InvalidParameterException"): "it may have copies in other regions, with which AWS deletes none; "
    "remove those, or declare them as replicationLocations, then run this again",
    (
        "",
        "InvalidRequestException",
    ): "it may be marked for deletion, be a copy of another region's secret, or be kept by "
    "another service of AWS: run this again, and preview says which",
    ("", "MalformedPolicyDocumentException"): "correct metadata.resourcePolicy",
    ("", "PublicPolicyException"): "metadata.resourcePolicy lets everybody in, which blockPublicPolicy forbids",
    ("", "PreconditionNotMetException"): "it is not ready yet; run this again",
}


def _about(put: Put) -> dict[str, Any]:
    about: dict[str, Any] = {"Description": put.details.description} if DESCRIPTION in put.changes else {}
    return about | ({"KmsKeyId": put.details.key or DEFAULT_KEY} if KEY in put.changes else {})


def _value(value: Secret) -> dict[str, Any]:
    return {"SecretBinary": value.encoded()} if value.is_bytes else {"SecretString": value.reveal()}
