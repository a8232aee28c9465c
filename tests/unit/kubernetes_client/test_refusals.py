"""Every refusal of a real API server becomes a type with the facts in it, and a text that says what to do.

The statuses hold the words of Kubernetes 1.36.3.
"""

# ruff: noqa: E501 - the server's words stand unbroken

import time
from collections.abc import Callable

import pytest

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.cluster_errors import (
    ConflictError,
    FieldConflictError,
    ForbiddenError,
    InvalidError,
    NamespaceTerminatingError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    UidMismatchError,
)
from components.errors import ParameterStoreError, WriteError
from tests.unit.kubernetes_client.support import Reply, Stub, refusal

Refuse = Callable[[Reply], ParameterStoreError]

WHERE = "Cannot apply Secret team-a/db in context 'test' (http://127.0.0.1:"


@pytest.fixture
def refuse(serve: Callable[..., Stub], connect: Callable[..., KubernetesClient]) -> Refuse:
    """The error of an apply that the server answers so."""

    def error(answer: Reply) -> ParameterStoreError:
        stub = serve([answer])
        with pytest.raises(ParameterStoreError) as caught:
            connect(stub).apply_secret("team-a", "db", {"data": {"password": "eA=="}}, force=False)
        assert len(stub.requests) == 1
        assert str(caught.value).startswith(WHERE)
        assert caught.value.__cause__ is None
        return caught.value

    return error


def invalid(*causes: tuple[str, str, str]) -> Reply:
    listed = [{"reason": reason, "message": message, "field": field} for field, reason, message in causes]
    return refusal(422, "Invalid", 'Secret "db" is invalid: ...', name="db", kind="Secret", causes=listed)


def test_missing_namespace(refuse: Refuse) -> None:
    error = refuse(refusal(404, "NotFound", 'namespaces "team-a" not found', name="team-a", kind="namespaces"))
    assert isinstance(error, NotFoundError)
    assert isinstance(error, WriteError)
    assert (error.kind, error.name, error.status) == ("namespaces", "team-a", 404)
    assert (
        "Create it first. If this program creates it, put it into `depends_on` of the ExternalSecret, or of its store."
        in str(error)
    )


def test_missing_right_names_the_rule(refuse: Refuse) -> None:
    message = (
        'secrets "db" is forbidden: User "writer" cannot create resource "secrets" in API group "" '
        'in the namespace "team-a"'
    )
    error = refuse(refusal(403, "Forbidden", message, name="db", kind="secrets"))
    assert isinstance(error, ForbiddenError)
    assert (error.user, error.verb, error.resource, error.namespace) == ("writer", "create", "secrets", "team-a")
    assert "user 'writer' may not create secrets in the namespace 'team-a'" in str(error)
    assert "needs 'create' and 'patch'" in str(error)


def test_anonymous_is_told_so(refuse: Refuse) -> None:
    message = 'secrets "db" is forbidden: User "system:anonymous" cannot patch resource "secrets" in API group "" in the namespace "team-a"'
    assert "no credentials that the server knows" in str(refuse(refusal(403, "Forbidden", message)))


def test_namespace_being_deleted(refuse: Refuse) -> None:
    message = (
        'secrets "db" is forbidden: unable to create new content in namespace team-a because it is being terminated'
    )
    causes = [
        {
            "reason": "NamespaceTerminating",
            "message": "namespace team-a is being terminated",
            "field": "metadata.namespace",
        }
    ]
    error = refuse(refusal(403, "Forbidden", message, name="db", kind="secrets", causes=causes))
    assert isinstance(error, NamespaceTerminatingError)


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            'admission webhook "policy.example.com" denied the request: canary',
            'admission webhook "policy.example.com" denied',
        ),
        (
            "secrets \"db\" is forbidden: ValidatingAdmissionPolicy 'p.example.com' with binding 'b' denied request: canary",
            "ValidatingAdmissionPolicy 'p.example.com' with binding 'b' denied request",
        ),
        (
            'secrets "db" is forbidden: exceeded quota: team, requested: count/secrets=1, used: count/secrets=1',
            "exceeded quota: team",
        ),
        ("canary", "not shown because it may quote values"),
    ],
)
def test_other_prohibitions_are_named_without_their_words(refuse: Refuse, message: str, shown: str) -> None:
    error = refuse(refusal(403, "Forbidden", message))
    assert isinstance(error, ForbiddenError)
    assert shown in str(error)
    assert "canary" not in str(error)


@pytest.mark.parametrize(
    ("words", "manager"),
    [
        ('conflict with "keyrotator"', "keyrotator"),
        ('conflict with "kubectl-edit" using v1', "kubectl-edit"),
        ('conflict with "a \\"b\\"" with subresource "x" using v1 at 2026-11-24T00:00:00Z', 'a "b"'),
        ('conflict with "odd\\x00"', '"odd\\x00"'),
        ("something else", "another manager"),
    ],
)
def test_field_of_another_manager(refuse: Refuse, words: str, manager: str) -> None:
    causes = [{"reason": "FieldManagerConflict", "message": words, "field": ".data.password"}]
    error = refuse(refusal(409, "Conflict", f"Apply failed with 1 conflict: {words}: .data.password", causes=causes))
    assert isinstance(error, FieldConflictError)
    assert error.conflicts == ((".data.password", manager),)
    assert f".data.password (owned by '{manager}')" in str(error)
    assert "force" in str(error)


def test_existing_object(refuse: Refuse) -> None:
    error = refuse(refusal(409, "AlreadyExists", 'secrets "db" already exists', name="db", kind="secrets"))
    assert isinstance(error, ConflictError)
    assert not isinstance(error, UidMismatchError)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(
            409,
            "Conflict",
            'Operation cannot be fulfilled on secrets "db": uid mismatch: the provided object specified uid deadbeef, and no existing object was found',
        ),
        refusal(
            409,
            "Conflict",
            'Operation cannot be fulfilled on Secret "db": the UID in the precondition (deadbeef) does not match the UID in record (1). The object might have been deleted and then recreated',
        ),
        invalid(("metadata.uid", "FieldValueInvalid", 'Invalid value: "deadbeef": field is immutable')),
    ],
)
def test_another_object_of_the_same_name(refuse: Refuse, answer: Reply) -> None:
    assert isinstance(refuse(answer), UidMismatchError)


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        (("data[a b]", "FieldValueInvalid", 'Invalid value: "a b": a valid config key must consist of ...'), "data[a b] is not valid. A key has at most 253"),
        (("data[tls.crt]", "FieldValueRequired", "Required value"), "data[tls.crt] is required and missing."),
        (
            ("data[.dockerconfigjson]", "FieldValueInvalid", 'Invalid value: "<secret contents redacted>": invalid character \'n\' looking for ...'),
            "data[.dockerconfigjson] is not valid. It must be a JSON document.",
        ),
        (("type", "FieldValueInvalid", 'Invalid value: "example.com/x": field is immutable'), "type is not valid. A Secret's type is fixed"),
        (("data", "FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set"), "The Secret is immutable"),
        (("immutable", "FieldValueForbidden", "Forbidden: field is immutable when `immutable` is set"), "The Secret is immutable"),
        (("metadata.labels", "FieldValueInvalid", 'Invalid value: "pulumi secrets!": a valid label must be ...'), "A label has at most 63"),
        (("metadata.finalizers", "FieldValueForbidden", "Forbidden: no new finalizers ..."), "metadata.finalizers may not be set or changed."),
        (("fieldManager", "FieldValueTooLong", "Too long: may not be more than 128 bytes"), "fieldManager is too long."),
        (("somewhere", "SomethingNew", "canary"), "somewhere is refused."),
    ],
)  # fmt: skip
def test_broken_rules(refuse: Refuse, cause: tuple[str, str, str], shown: str) -> None:
    error = refuse(invalid(cause))
    assert isinstance(error, InvalidError)
    assert shown in str(error)
    assert [(found.field, found.reason) for found in error.causes] == [cause[:2]]


def test_several_broken_rules_are_all_named(refuse: Refuse) -> None:
    error = refuse(
        invalid(
            ("data[username]", "FieldValueRequired", "Required value"),
            ("data[password]", "FieldValueRequired", "Required value"),
        )
    )
    assert "data[username] is required and missing; data[password] is required and missing." in str(error)


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (invalid(("data", "FieldValueTooLong", "Too long: may not be more than 1048576 bytes")), "1 MiB"),
        (
            invalid(("metadata.annotations", "FieldValueTooLong", "Too long: may not be more than 262144 bytes")),
            "256 KiB",
        ),
        (refusal(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"), "3 MiB"),
        (Reply(413, b"<html>too large</html>", {}), "3 MiB"),
    ],
)
def test_too_large(refuse: Refuse, answer: Reply, shown: str) -> None:
    error = refuse(answer)
    assert isinstance(error, TooLargeError)
    assert shown in str(error)


def test_bad_request(refuse: Refuse) -> None:
    error = refuse(refusal(400, "BadRequest", "metadata.managedFields must be nil"))
    assert isinstance(error, InvalidError)
    assert "metadata.managedFields must be nil (HTTP 400)" in str(error)


def test_the_field_that_no_schema_has(refuse: Refuse) -> None:
    words = "failed to create typed patch object (team-a/db; /v1, Kind=Secret): .metadata.annotation: field not declared in schema"
    assert ".metadata.annotation: field not declared in schema" in str(refuse(refusal(400, "BadRequest", words)))


@pytest.mark.parametrize("run", ["." * 50_000, ".-" * 25_000, ".a" * 25_000])
def test_no_message_takes_long_to_look_through(refuse: Refuse, run: str) -> None:
    begun = time.monotonic()
    words = f'admission webhook "A9b8C7d6e5f4" denied the request: {run}'  # a name that may not be shown
    assert "not shown because it may quote values" in str(refuse(refusal(403, "Forbidden", words)))
    assert time.monotonic() - begun < 2


def test_what_nobody_foresaw(refuse: Refuse) -> None:
    error = refuse(refusal(418, "Teapot", "canary"))
    assert type(error) is RefusedError
    assert "the server refuses with Teapot" in str(error)
    assert "canary" not in str(error)
