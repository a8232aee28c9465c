"""Lists parameters for finds: by path page for page with the values, by tags with the values still to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...core.errors import SpecError
from ...core.references import ParameterReference
from . import problems
from .failures import CallFailedError, Failure, Kind, UnreadableAnswerError
from .parameters import Parameter, ReadProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import (
        DescribeParametersRequestTypeDef,
        GetParametersByPathRequestTypeDef,
        ParameterStringFilterTypeDef,
    )

    from ...core.sources import Find
    from .calls import Calls
    from .names import Names

BY_PATH_PAGE = 10
"""AWS's limit, API reference of GetParametersByPath."""
DESCRIBE_PAGE = 50
"""AWS's limit, API reference of DescribeParameters."""

Page = tuple[list[Parameter], str | None]


class Listing:
    """What one path or one set of tags holds, for all finds that look there; each page is sorted out as it comes.

    Attributes:
        listed: how many parameters AWS has listed, whether or not a find wants them.
        unread: wanted ones that were listed without the values that are asked for.

    Args:
        calls: the calls of the read.
        finds: the finds, which differ in nothing but their regular expressions.
        decrypt: whether values are wanted.
    """

    def __init__(self, calls: Calls, finds: Sequence[Find], *, decrypt: bool) -> None:
        self.listed = 0
        self.unread: dict[str, ParameterReference] = {}
        self._found: dict[str, Parameter] = {}
        self._problems: dict[Find, ReadProblem] = {}
        self._denied: Failure | None = None
        self._calls = calls
        self._finds = finds
        self._path = finds[0].below
        self._tags = finds[0].tags
        self._decrypt = decrypt

    def read(self) -> None:
        """List everything.

        Without permission to list by path, parameters are described and read by name, as ESO does; what has been
        listed by then is kept.

        Raises:
            GivenUpError: see `Calls.call`.
            IdentityError: see `Calls.call`.
            ReadError: see `Calls.call`.
        """
        if not self._tags:
            try:
                self._by_path()
            except CallFailedError as failed:
                if failed.failure.kind is not Kind.DENIED:
                    self._fail(
                        self._searching(), problems.not_listed(self._finds[0], failed.failure, self._calls.caller)
                    )
                    return
                self._denied = failed.failure
            else:
                return
        try:
            self._describe()
        except CallFailedError as failed:
            problem = problems.not_listed(self._finds[0], failed.failure, self._calls.caller, by_path=self._denied)
            self._fail(self._searching(), problem)

    def result(self, find: Find, values: Names) -> Mapping[str, Parameter] | ReadProblem:
        """What a find comes to, sorted by name.

        Args:
            find: one of the finds.
            values: the `unread` ones, read.
        """
        if find in self._problems:
            return self._problems[find]
        wanted = {name: parameter for name, parameter in self._found.items() if find.matches(name)}
        for name, reference in sorted(self.unread.items()):
            if find.matches(name):
                if reference in values.problems:
                    return problems.of_a_match(values.problems[reference], self._path, self._denied)
                if reference in values.found:  # else it is gone since it was listed
                    wanted[name] = values.found[reference]
        return dict(sorted(wanted.items()))

    def _searching(self, name: str | None = None) -> list[Find]:
        """The finds that go on; of these, where a name is given, those that want it."""
        return [each for each in self._finds if each not in self._problems and (name is None or each.matches(name))]

    def _fail(self, finds: Iterable[Find], problem: ReadProblem) -> None:
        self._problems |= dict.fromkeys(finds, problem)

    def _by_path(self) -> None:
        token = self._page(None, BY_PATH_PAGE)
        while token and self._searching():
            token = self._page(token, BY_PATH_PAGE)

    def _page(self, token: str | None, size: int) -> str | None:
        """Take in the page that begins at `token`, and return where the next one begins."""
        try:
            found, following = self._ask_by_path(token, size, decrypt=self._decrypt)
        except CallFailedError as failed:
            if not self._decrypt or not _may_be_a_key(failed.failure):
                raise
            return self._undecryptable(token, size, failed.failure)
        self.listed += len(found)
        self._found |= {each.reference: each for each in found if self._searching(each.reference)}
        return following

    def _undecryptable(self, token: str | None, size: int, failure: Failure) -> str | None:
        """One parameter's key fails a page: look which one, as it may be wanted by nobody, and take in the others."""
        listed, following = self._ask_by_path(token, size, decrypt=False)
        if not any(self._searching(each.reference) for each in listed):
            self.listed += len(listed)
            return following
        if size > 1:
            middle = self._page(token, size // 2)
            return self._page(middle, size - size // 2) if middle else None
        self.listed += len(listed)
        for each in listed:
            self._refuse(each.reference, failure)
        return following

    def _refuse(self, name: str, failure: Failure) -> None:
        try:
            problem = problems.refused(ParameterReference(name), failure, self._calls.caller)
        except SpecError as error:
            problem = ReadProblem("invalid", str(error))
        self._fail(self._searching(name), problem)

    def _describe(self) -> None:
        token: str | None = None
        while self._searching():
            described, token = self._ask_describe(token)
            self.listed += len(described)
            for each in described:
                if each.reference not in self._found and self._searching(each.reference):
                    self._note(each)
            if not token:
                return

    def _note(self, described: Parameter) -> None:
        if not self._decrypt:
            self._found[described.reference] = described
            return
        try:
            self.unread[described.reference] = ParameterReference(described.reference)
        except SpecError as error:
            self._fail(self._searching(described.reference), ReadProblem("invalid", str(error)))

    def _ask_by_path(self, token: str | None, size: int, *, decrypt: bool) -> Page:
        request: GetParametersByPathRequestTypeDef = {
            "Path": self._path,
            "Recursive": True,
            "WithDecryption": decrypt,
            "MaxResults": size,
        }
        if token:
            request["NextToken"] = token

        def ask(client: SSMClient) -> Page:
            return _read_page(client.get_parameters_by_path(**request), token, decrypted=decrypt)

        return self._calls.call(ask)

    def _ask_describe(self, token: str | None) -> Page:
        filters: list[ParameterStringFilterTypeDef] = [
            {"Key": f"tag:{key}", "Option": "Equals", "Values": [value]} for key, value in self._tags
        ]
        if self._path != "/":
            filters.append({"Key": "Path", "Option": "Recursive", "Values": [self._path]})
        request: DescribeParametersRequestTypeDef = {"ParameterFilters": filters, "MaxResults": DESCRIBE_PAGE}
        if token:
            request["NextToken"] = token

        def ask(client: SSMClient) -> Page:
            return _read_page(client.describe_parameters(**request), token, decrypted=False)

        return self._calls.call(ask)


def _read_page(answer: Mapping[str, Any], token: str | None, *, decrypted: bool) -> Page:
    """The parameters of a page and where the next one begins."""
    following = answer.get("NextToken") or None
    entries = [
        Parameter.of(str(entry.get("Name", "")), entry, decrypted=decrypted) for entry in answer.get("Parameters", [])
    ]
    found = [each for each in entries if each and each.reference and each.reference.isascii()]
    if "Parameters" not in answer or len(found) < len(entries) or (token and following == token):
        raise UnreadableAnswerError
    return found, following


def _may_be_a_key(failure: Failure) -> bool:
    """Whether decryption is what failed; AWS's denial says so, and where it says nothing it may be."""
    denied = failure.kind is Kind.DENIED and (failure.denial is None or failure.denial.action.startswith("kms:"))
    return denied or failure.kind is Kind.KEY
