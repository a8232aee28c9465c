"""A word of a server, webhook or proxy is shown only where it cannot be a value that was sent or kept."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import FieldConflictError, ForbiddenError
from components.display import UNNAMED_MANAGER
from components.errors import ParameterStoreError
from tests.unit.kubernetes_client.support import Reply, Stub, refusal

# One as a generator makes it, one that a person makes, and one that reads like a name.
VALUES = ("S3cretPart-9f8a7b6c5d", "hunter2", "correct-horse", "canary")
SENT = "metadata.annotations"

Refuse = Callable[[Reply, str], ParameterStoreError]


@pytest.fixture
def refuse(serve: Callable[..., Stub], connect: Callable[..., KubernetesClient]) -> Refuse:
    """The error of an apply of a value that the server answers so."""

    def error(answer: Reply, value: str) -> ParameterStoreError:
        data = {"password": base64.b64encode(value.encode()).decode()}
        with pytest.raises(ParameterStoreError) as caught:
            connect(serve([answer] * 30)).apply_secret("team-a", "db", {"data": data}, force=False)
        assert caught.value.__cause__ is None
        return caught.value

    return error


def causes(*listed: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"field": field, "reason": reason, "message": message} for field, reason, message in listed]


ANSWERS: dict[str, Callable[[str], Reply]] = {
    "RBAC's words in a webhook's": lambda v: refusal(
        403, "Forbidden", f'admission webhook "w" denied the request: User "{v}" cannot patch resource "secrets"'
    ),
    "RBAC's sentence in a webhook's": lambda v: refusal(
        403,
        "Forbidden",
        f'admission webhook "w" denied the request: secrets "db" is forbidden: User "{v}" cannot patch resource '
        f'"secrets" in API group "" in the namespace "{v}"',
    ),
    "RBAC's sentence about a value": lambda v: refusal(
        403, "Forbidden", f'secrets "db" is forbidden: User "{v}" cannot patch resource "{v}" in the namespace "{v}"'
    ),
    "RBAC's sentence with a value as its namespace": lambda v: refusal(
        403,
        "Forbidden",
        f'secrets "db" is forbidden: User "{v}" cannot patch resource "secrets" in the namespace "{v}"',
    ),
    "a verb": lambda v: refusal(
        403, "Forbidden", f'secrets "db" is forbidden: User "me" cannot {v} resource "secrets"'
    ),
    "a webhook's name in a policy's words": lambda v: refusal(
        403,
        "Forbidden",
        f"secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: "
        f'admission webhook "{v}" denied the request',
    ),
    "a quota's name in a webhook's words": lambda v: refusal(403, "Forbidden", f"blocked: exceeded quota: {v}"),
    "a binding": lambda v: refusal(403, "F", f"ValidatingAdmissionPolicy 'p' with binding '{v}' denied request"),
    "a schema's field": lambda v: refusal(400, "BadRequest", f".data.{v}: field not declared in schema"),
    "a kind that is expected": lambda v: refusal(400, "BadRequest", f".data.password: expected {v}"),
    "the name of a namespace": lambda v: refusal(404, "NotFound", "x", kind="namespaces", name=v),
    "the name of a kind": lambda v: refusal(404, "NotFound", "x", kind=v, name=v),
    "a field that is not valid": lambda v: refusal(
        422, "Invalid", "x", causes=causes((f"data[{v}]", "FieldValueInvalid", "bad"), (v, "FieldValueRequired", v))
    ),
    "a field below metadata": lambda v: refusal(
        422, "Invalid", "x", causes=causes((f"{SENT}[{v}]", "FieldValueInvalid", "bad"))
    ),
    "a cause's reason": lambda v: refusal(422, "Invalid", "x", causes=causes(("data", v, v))),
    "a conflict's manager": lambda v: refusal(
        409, "Conflict", "x", causes=causes((".data.password", "FieldManagerConflict", f'conflict with "{v}" using v1'))
    ),
    "a conflict's manager further on": lambda v: refusal(
        409, "Conflict", "x", causes=causes((".data.password", "FieldManagerConflict", f'no conflict with "{v}"'))
    ),
    "a conflict's field": lambda v: refusal(
        409, "Conflict", "x", causes=causes((f".data.{v}", "FieldManagerConflict", 'conflict with "helm"'))
    ),
    "a conflict that a webhook made up": lambda v: refusal(
        409,
        "Conflict",
        'admission webhook "w" denied the request: x',
        causes=causes((f".{v}", "FieldManagerConflict", f'conflict with "{v}"')),
    ),
    "a reason": lambda v: refusal(418, v, "x"),
    "a reason that a webhook gives": lambda v: refusal(418, v, 'admission webhook "w" denied the request: x'),
    "an overloaded server": lambda v: refusal(429, "TooManyRequests", f"exceeded quota: {v}"),
}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("answer", ANSWERS)
def test_no_word_that_is_a_value_is_shown(refuse: Refuse, answer: str, value: str) -> None:
    error = refuse(ANSWERS[answer](value), value)
    assert value not in f"{error} {error!r} {vars(error)}"


@pytest.mark.parametrize("form", [str.upper, lambda v: base64.b64encode(v.encode()).decode(), lambda v: v[:-1]])
def test_nor_in_another_form(refuse: Refuse, form: Callable[[str], str]) -> None:
    told = form("correct-horse")
    for answer in ANSWERS.values():
        assert told not in str(refuse(answer(told), "correct-horse"))


def test_names_that_were_sent_and_names_of_programs_are_still_shown(refuse: Refuse) -> None:
    listed = causes((".data.password", "FieldManagerConflict", 'conflict with "kubectl-edit" using v1'))
    error = refuse(refusal(409, "Conflict", "x", causes=listed), "password")
    assert isinstance(error, FieldConflictError)
    assert ".data.password (owned by 'kubectl-edit')" in str(error)


def test_a_manager_that_is_not_named_is_told_so(refuse: Refuse) -> None:
    listed = causes((".data.password", "FieldManagerConflict", 'conflict with "S3cretPart9f8a"'))
    assert UNNAMED_MANAGER in str(refuse(refusal(409, "Conflict", "x", causes=listed), "something else"))


def test_the_user_that_a_right_is_missing_for_is_shown(refuse: Refuse) -> None:
    user = "arn:aws:sts::123456789012:assumed-role/ci/A1b2C3d4E5f6"
    message = f'secrets "db" is forbidden: User "{user}" cannot patch resource "secrets" in API group "" in the namespace "team-a"'  # noqa: E501
    error = refuse(refusal(403, "Forbidden", message), "S3cret")
    assert isinstance(error, ForbiddenError)
    assert f"user '{user}' may not patch secrets in the namespace 'team-a'" in str(error)


def test_control_characters_in_a_server_s_words_are_escaped(refuse: Refuse) -> None:
    message = 'secrets "db" is forbidden: User "a\x1b[2J\u202e\nb" cannot patch resource "secrets" in the namespace "x"'
    told = str(refuse(refusal(403, "Forbidden", message), "S3cret"))
    assert told.isprintable()
    assert "\\x1b[2J\\u202e\\nb" in told


def test_a_warning_header_is_not_shown(
    serve: Callable[..., Stub],
    connect: Callable[..., KubernetesClient],
    capfd: pytest.CaptureFixture[str],
    recwarn: Any,
) -> None:
    answer = Reply(200, b'{"metadata": {"name": "db", "uid": "1"}}', {"Warning": '299 - "canary"'})
    connect(serve([answer])).apply_secret("team-a", "db", {"data": {}}, force=False)
    assert "canary" not in "".join(capfd.readouterr())
    assert not recwarn.list
