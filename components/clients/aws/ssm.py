"""Reads parameters in batches of ten, and says for each one that cannot be read why, without failing the others."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.errors import SpecError
from ...core.references import ParameterReference, path_of
from ...core.secret_value import Secret
from . import problems
from .batches import batches
from .failures import CallFailedError, Failure, Kind, UnreadableAnswerError
from .parameters import Caller, Parameter, ParameterBatch, ReadProblem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import GetParametersResultTypeDef, ParameterTypeDef

    from .rate_limit import RateLimiter
    from .retry import Retry

DEFAULT_CONCURRENCY = 4
PROGRESS_EVERY = 5.0
_RATE_LIMIT = "AWS's rate limit"

Batch = tuple[ParameterReference, ...]


@dataclass(frozen=True)
class _Connection:
    """What every call needs."""

    client: SSMClient
    limiter: RateLimiter
    retry: Retry
    caller: Caller


class ParameterReader:
    """Reads the parameters of one store. Needs `ssm:GetParameters`, and `kms:Decrypt` on customer keys to decrypt.

    Args:
        client: boto3's client for SSM, from `AwsSession.client`.
        limiter: the rate limit that all stores of this account and region share.
        retry: how long to go on when AWS throttles or does not answer.
        caller: who asks, where; from `AwsSession.caller`.
        concurrency: calls at the same time.
        settle: seconds for which a denial is taken for IAM's delay and retried. Set it, to 30 or so, when the
            identity's role or policy was written in this operation; 0 otherwise.
        progress: told about every `progress_every` seconds how far a read is, in a sentence.
        progress_every: seconds.
    """

    def __init__(
        self,
        client: SSMClient,
        limiter: RateLimiter,
        retry: Retry,
        *,
        caller: Caller,
        concurrency: int = DEFAULT_CONCURRENCY,
        settle: float = 0.0,
        progress: Callable[[str], None] = lambda _: None,
        progress_every: float = PROGRESS_EVERY,
    ) -> None:
        self._connection = _Connection(client, limiter, retry, caller)
        self._concurrency = concurrency
        self._settle = settle
        self._progress = progress
        self._progress_every = progress_every

    def read(self, references: Iterable[str], *, decrypt: bool) -> ParameterBatch:
        """Read each distinct reference once.

        Args:
            references: `name`, `name:version`, `name:label`, or ARNs of the same forms.
            decrypt: False for versions only: then no value leaves this method, and AWS calls no KMS key.

        Returns:
            What was found, and why the rest was not.

        Raises:
            IdentityError: AWS does not accept the credentials.
            ReadError: nothing can be read: the endpoint is down, too slow, or kept throttling.
        """
        wanted: dict[str, ParameterReference] = {}
        refused: dict[str, ReadProblem] = {}
        for text in sorted(set(references)):
            try:
                wanted[text] = ParameterReference.parse(text)
            except SpecError as error:
                refused[text] = ReadProblem("invalid", str(error))
        found, failed = self._read_all(list(wanted.values()), decrypt=decrypt)
        return ParameterBatch(found, refused | failed)

    def _read_all(
        self, references: list[ParameterReference], *, decrypt: bool
    ) -> tuple[dict[str, Parameter], dict[str, ReadProblem]]:
        calls = batches(references)
        settled_at = self._connection.retry.after(self._settle)
        reading = _Reading(self._connection, decrypt=decrypt, settled_at=settled_at)
        if calls:
            with ThreadPoolExecutor(min(self._concurrency, len(calls)), "parameter-reader") as pool:
                try:
                    self._watch([pool.submit(reading.ask, batch) for batch in calls], reading, len(references))
                finally:
                    # Reached on Ctrl-C too: what has not been sent yet is not sent any more.
                    reading.cancelled.set()
                    pool.shutdown(cancel_futures=True)
        return reading.result(references)

    def _watch(self, futures: list[Future[None]], reading: _Reading, total: int) -> None:
        pending = set(futures)
        while pending:
            done, pending = wait(pending, timeout=self._progress_every, return_when=FIRST_EXCEPTION)
            failed = [future for future in futures if future in done and future.exception()]
            if failed:
                failed[0].result()
            if pending:
                self._progress(
                    f"read {reading.answered:,} of {total:,} parameters in {self._connection.caller.region}, "
                    f"waiting for {reading.waiting_for}"
                )


class _Reading:
    """One read while it runs; its methods are called by several threads."""

    def __init__(self, connection: _Connection, *, decrypt: bool, settled_at: float) -> None:
        self.cancelled = threading.Event()
        self.waiting_for = connection.caller.endpoint
        self._connection = connection
        self._caller = connection.caller
        self._decrypt = decrypt
        self._settled_at = settled_at
        # Each key is written by one thread only, and single dict writes are atomic.
        self._found: dict[ParameterReference, Parameter] = {}
        self._missing: dict[ParameterReference, None] = {}
        self._problems: dict[ParameterReference, ReadProblem] = {}

    @property
    def answered(self) -> int:
        """How many references have their outcome."""
        return len(self._found) + len(self._missing) + len(self._problems)

    def ask(self, batch: Batch) -> None:
        """Ask for a batch; where AWS refuses the whole call because of one name, find that name and ask for the rest.

        Raises:
            IdentityError: AWS does not accept the credentials.
            ReadError: the endpoint is down, too slow, or kept throttling.
        """
        if not batch or self.cancelled.is_set():
            return
        try:
            answer = self._call(batch)
        except CallFailedError as failed:
            if self.cancelled.is_set():
                return  # another call has failed for good and says why
            if not _caused_by_a_name(failed.failure):
                self.cancelled.set()
                raise problems.store_failure(failed, self._caller) from None
            culprit = batch[0] if len(batch) == 1 else _denied_name(batch, failed.failure)
            if culprit:
                self._problems[culprit] = problems.refused(culprit, failed.failure, self._caller)
                self.ask(tuple(reference for reference in batch if reference is not culprit))
            else:
                half = len(batch) // 2
                self.ask(batch[:half])
                self.ask(batch[half:])
        else:
            self._sort(batch, answer)

    def result(self, references: list[ParameterReference]) -> tuple[dict[str, Parameter], dict[str, ReadProblem]]:
        """What was found and what was not, in the order of `references`."""
        existing = {reference.path for reference in self._found}
        for reference in self._missing:
            self._problems[reference] = problems.missing(reference, self._caller, exists=reference.path in existing)
        return (
            {str(each): self._found[each] for each in references if each in self._found},
            {str(each): self._problems[each] for each in references if each in self._problems},
        )

    def _call(self, batch: Batch) -> GetParametersResultTypeDef:
        def attempt() -> GetParametersResultTypeDef:
            if self._connection.limiter.acquire():
                self.waiting_for = _RATE_LIMIT
            answer = self._connection.client.get_parameters(
                Names=[str(each) for each in batch], WithDecryption=self._decrypt
            )
            if not {"Parameters", "InvalidParameters"} & answer.keys():
                # botocore makes an empty answer of any text that comes with status 200.
                raise UnreadableAnswerError
            return answer

        def on_retry(failure: Failure) -> None:
            self.waiting_for = _RATE_LIMIT if failure.kind is Kind.THROTTLED else self._caller.endpoint

        return self._connection.retry.call(
            attempt, on_retry=on_retry, cancelled=self.cancelled.is_set, settled_at=self._settled_at
        )

    def _sort(self, batch: Batch, answer: GetParametersResultTypeDef) -> None:
        by_path = {reference.path: reference for reference in batch}
        for entry in answer.get("Parameters", []):
            name, arn = entry.get("Name", ""), entry.get("ARN", "")
            reference = by_path.get(path_of(name)) or by_path.get(path_of(arn))
            parameter = _parameter(reference, entry, decrypted=self._decrypt) if reference else None
            if reference and parameter:
                del by_path[reference.path]
                self._found[reference] = parameter
        for name in answer.get("InvalidParameters", []):
            reference = by_path.pop(path_of(name), None)
            if reference:
                self._missing[reference] = None
        for reference in by_path.values():
            self._problems[reference] = problems.unanswered(reference, self._caller)


def _parameter(reference: ParameterReference, entry: ParameterTypeDef, *, decrypted: bool) -> Parameter | None:
    """One entry of an answer; None where it lacks what AWS always sends."""
    # Undecrypted, AWS still sends the ciphertext (and the plaintext of a String): it ends here.
    value: object = entry.pop("Value", None)
    version: object = entry.get("Version")
    if not isinstance(version, int) or (decrypted and not isinstance(value, str)):
        return None
    return Parameter(
        reference=str(reference),
        version=version,
        type=str(entry.get("Type", "String")),
        value=Secret(value) if decrypted and isinstance(value, str) else None,
        last_modified=entry.get("LastModifiedDate"),
    )


def _caused_by_a_name(failure: Failure) -> bool:
    return failure.kind in (Kind.DENIED, Kind.KEY) or failure.code == "ValidationException"


def _denied_name(batch: Batch, failure: Failure) -> ParameterReference | None:
    """The reference that AWS's text names; None where it names a KMS key, or nothing that was asked for."""
    if failure.denial is None:
        return None
    denied = path_of(failure.denial.resource)
    return next((reference for reference in batch if reference.path == denied), None)
