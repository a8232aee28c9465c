"""Reads parameters by name in batches of ten, and says for each one that cannot be read why, failing no other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ....core.ssm.counting import calls_for
from ....core.ssm.references import ARN_PREFIX, ParameterReference, path_of
from ....display import some_of
from ..calls import Calls
from ..failures import CallFailedError, Failure, UnreadableAnswerError
from ..reads import ReadProblem
from . import problems
from .parameters import Parameter

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import GetParametersResultTypeDef

Batch = tuple[ParameterReference, ...]


def batches(references: Collection[ParameterReference]) -> list[Batch]:
    """Spread distinct references over calls.

    No call asks for one parameter twice: AWS answers alphabetically and may leave out the selector, so that two
    versions of one name, or `db` beside `/db`, could not be told apart within one answer.

    They take ceil(N/10) calls, or as many as one parameter is asked for if that is more.
    """
    calls = calls_for(references)
    # References to one parameter are neighbours in this order, and dealing them out like cards separates neighbours.
    ordered = sorted(references, key=lambda reference: (reference.path, reference))
    return [tuple(ordered[first::calls]) for first in range(calls)]


class Names:
    """What is read by name; what AWS does not know (no such parameter, version or label) is in `missing`.

    `ask` is called by several threads.
    """

    def __init__(self, calls: Calls[SSMClient], *, decrypt: bool) -> None:
        # Each key is written by one thread only, and single dict writes are atomic.
        self.found: dict[ParameterReference, Parameter] = {}
        self.missing: dict[ParameterReference, None] = {}
        self.problems: dict[ParameterReference, ReadProblem] = {}
        self._existing: set[str] = set()
        self._calls = calls
        self._decrypt = decrypt

    @property
    def answered(self) -> int:
        """How many references have their outcome."""
        return len(self.found) + len(self.missing) + len(self.problems)

    def unanswered(self, references: Iterable[ParameterReference]) -> list[ParameterReference]:
        """Those of some references that have no outcome yet."""
        return [
            each for each in references if not (each in self.found or each in self.missing or each in self.problems)
        ]

    def adopt(self, references: Iterable[ParameterReference], listed: Mapping[str, Parameter]) -> None:
        """Use what a listing has brought, by full name, in place of asking for it."""
        self._existing.update(listed)
        for each in references:
            newest = listed.get(each.name)
            if newest and each.selector in ("", str(newest.version)):
                self.found[each] = replace(newest, reference=str(each))

    def ask(self, batch: Batch) -> None:
        """Ask for a batch; where AWS refuses the whole call because of one name, find that one and ask for the rest."""
        if not batch:
            return
        try:
            answer = self._calls.call(
                lambda client: self._get(client, batch), f"parameters {some_of([str(each) for each in batch], 3)}"
            )
        except CallFailedError as failed:
            culprit = batch[0] if len(batch) == 1 else _denied_name(batch, failed.failure)
            if culprit:
                self.problems[culprit] = problems.refused(culprit, failed.failure, self._calls.caller)
                self.ask(tuple(reference for reference in batch if reference is not culprit))
            else:
                half = len(batch) // 2
                self.ask(batch[:half])
                self.ask(batch[half:])
        else:
            self._sort(batch, answer)

    def doubtful(self) -> list[ParameterReference]:
        """The parameters of which a version or label is missing, and nothing tells whether they exist themselves."""
        known = self._existing | {each.name for each in self.missing if not each.selector}
        return [ParameterReference(name) for name in sorted({each.name for each in self.missing} - known)]

    def result(self, reference: ParameterReference, doubtful: Names) -> Parameter | ReadProblem:
        """The result of a reference, with the `doubtful` ones that were read."""
        if reference not in self.missing:
            return self.found.get(reference) or self.problems[reference]
        exists = reference.name in self._existing or reference.name in doubtful._existing
        unknown = doubtful.problems.get(ParameterReference(reference.name))
        return unknown or problems.missing(reference, self._calls.caller, exists=exists)

    def _get(self, client: SSMClient, batch: Batch) -> GetParametersResultTypeDef:
        answer = client.get_parameters(Names=[str(each) for each in batch], WithDecryption=self._decrypt)
        # botocore makes an empty answer of any body that comes with status 200, and accepts values of any kind.
        if not {"Parameters", "InvalidParameters"} & answer.keys() or not _is_well_formed(answer):
            raise UnreadableAnswerError
        return answer

    def _sort(self, batch: Batch, answer: GetParametersResultTypeDef) -> None:
        by_path = {reference.path: reference for reference in batch}
        for entry in answer.get("Parameters", []):
            name, arn = entry.get("Name", ""), entry.get("ARN", "")
            reference = by_path.get(path_of(name)) or by_path.get(path_of(arn))
            parameter = Parameter.of(str(reference), entry, decrypted=self._decrypt) if reference else None
            if reference and parameter and _is_asked_for(reference, entry):
                del by_path[reference.path]
                self.found[reference] = parameter
                self._existing.add(reference.name)
        for name in answer.get("InvalidParameters", []):
            reference = by_path.pop(path_of(name), None)
            if reference:
                self.missing[reference] = None
        for reference in by_path.values():
            self.problems[reference] = problems.unanswered(reference, self._calls.caller)


def _is_well_formed(answer: Mapping[str, Any]) -> bool:
    """Whether all names are strings, and nothing is told twice: one of the two would be wrong."""
    entries = answer.get("Parameters", [])
    names = [*(entry.get("Name", "") for entry in entries), *answer.get("InvalidParameters", [])]
    arns = [entry.get("ARN", "") for entry in entries]
    return all(isinstance(name, str) for name in (*names, *arns)) and len(set(map(path_of, names))) == len(names)


def _is_asked_for(reference: ParameterReference, entry: Mapping[str, Any]) -> bool:
    """Whether an entry under a reference's name is of its version or label too, and of its account and region."""
    selector, arn = entry.get("Selector") or "", entry.get("ARN") or ""
    if reference.selector.isdigit() and entry.get("Version") != int(reference.selector):
        return False
    if selector and str(selector).removeprefix(":") != reference.selector:
        return False
    return not arn or (
        arn == reference.name if reference.name.startswith(ARN_PREFIX) else path_of(arn) == reference.path
    )


def _denied_name(batch: Batch, failure: Failure) -> ParameterReference | None:
    """The reference that AWS's message names; None where it names a KMS key, or nothing that was asked for."""
    if failure.denial is None:
        return None
    denied = path_of(failure.denial.resource)
    return next((reference for reference in batch if reference.path == denied), None)
