"""A program that declares manifests exports what `status` shows of every kind, and none is left out in silence."""

from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime.settings import get_root_resource

from components.arguments.invalid import InvalidArgumentsError
from components.core.status_table import read_rows
from components.manifests import declare, read_manifests
from components.settings.declaration import Declared
from components.status import export_status, status_output
from tests.components.manifest_objects import secret, store
from tests.components.support import declare as run_program
from tests.components.support import resolved
from tests.components.test_push_manifests import push


def wide(kind: str, version: str, spec: dict[str, Any]) -> dict[str, Any]:
    name = kind.lower()
    metadata = {"name": name}
    spec = {"namespaceSelectors": [{"matchLabels": {"kind": "team"}}], **spec}
    return {"apiVersion": f"external-secrets.io/{version}", "kind": kind, "metadata": metadata, "spec": spec}


def every_kind() -> list[dict[str, Any]]:
    shared = store("all", kind="ClusterSecretStore")
    del shared["metadata"]["namespace"]
    ref = {"name": "all", "kind": "ClusterSecretStore"}
    of_push = {**push()["spec"], "secretStoreRefs": [ref]}
    return [
        store(),
        shared,
        secret(),
        push(),
        wide(
            "ClusterExternalSecret",
            "v1",
            {"externalSecretName": "x", "externalSecretSpec": secret(secretStoreRef=ref)["spec"]},
        ),
        wide("ClusterPushSecret", "v1alpha1", {"pushSecretSpec": of_push}),
    ]


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the program exports; Pulumi's mocks have no stack to export from."""
    found: dict[str, Any] = {}
    monkeypatch.setattr("pulumi.export", lambda name, rows: resolved(pulumi.Output.from_input(rows), found, name))
    return found


def test_every_kind_is_exported(exported: dict[str, Any]) -> None:
    run_program(lambda: export_status(declare(read_manifests(every_kind()))))
    assert {(row.kind, row.name) for row in read_rows(exported)} == {
        ("ExternalSecret", "team-a/db"),
        ("PushSecret", "team-a/push"),
        ("ClusterExternalSecret", "clusterexternalsecret"),
        ("ClusterPushSecret", "clusterpushsecret"),
    }


def test_a_kind_that_there_is_none_of_has_no_output(exported: dict[str, Any]) -> None:
    run_program(lambda: export_status(declare(read_manifests([store(), secret()]))))
    assert exported.keys() == {"externalSecrets"}


def test_programs_that_are_tested_in_one_process_export_each_its_own() -> None:
    for _ in range(2):
        run_program(lambda: export_status(declare(read_manifests([store(), secret()]))))
    get_root_resource().outputs.clear()  # type: ignore[union-attr]  # Pulumi's mocks keep the stack of this test


def test_what_an_output_of_external_secrets_alone_leaves_out_is_said(caplog: pytest.LogCaptureFixture) -> None:
    run_program(lambda: list(status_output(declare(read_manifests(every_kind())))))
    told = caplog.text
    assert "`status` will not show ClusterExternalSecret 'clusterexternalsecret', ClusterPushSecret" in told
    assert "PushSecret 'team-a/push'" in told
    assert "export_status(declare(...))" in told
    caplog.clear()
    run_program(lambda: list(status_output(declare(read_manifests([store(), secret()])))))
    run_program(lambda: list(status_output(declare(read_manifests(every_kind())).secrets)))
    assert caplog.text == ""


def test_a_kind_in_the_place_of_another_is_told_where_it_goes() -> None:
    def program() -> None:
        declared = declare(read_manifests(every_kind()))
        status_output(declared.pushes)  # type: ignore[arg-type]

    with pytest.raises(InvalidArgumentsError) as failed:
        run_program(program)
    assert str(failed.value) == (
        "status_output: 'team-a/push' is a PushSecret; write pulumi.export(PUSH_OUTPUT, push_status_output({...}))"
    )


@pytest.fixture
def outputs() -> Iterator[dict[str, Any]]:
    """The outputs of the stack that Pulumi's mocks keep for all programs of a process."""
    found: dict[str, Any] = {}

    def begin() -> None:
        stack: Any = get_root_resource()
        found["of"] = stack.outputs
        stack.outputs.clear()

    run_program(begin)
    yield found["of"]
    found["of"].clear()


def two() -> tuple[Declared, Declared]:
    """What the manifests of two folders declare."""
    other = secret()
    other["metadata"]["name"] = "other"
    elsewhere = store("elsewhere")
    other["spec"]["secretStoreRef"]["name"] = "elsewhere"
    return declare(read_manifests([store(), secret()])), declare(read_manifests([elsewhere, other]))


def test_two_folders_of_manifests_are_exported_both(outputs: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    def program() -> None:
        for each in two():
            export_status(each)

    run_program(program)
    assert sorted(outputs["externalSecrets"]) == ["team-a/db", "team-a/other"]
    assert caplog.text == ""


@pytest.mark.parametrize("after", [True, False], ids=["of another", "of the program's own"])
def test_an_export_in_place_of_another_is_said(
    outputs: dict[str, Any], caplog: pytest.LogCaptureFixture, *, after: bool
) -> None:
    def program() -> None:
        first, second = two()
        export_status(first)
        pulumi.export("externalSecrets", status_output(second) if after else {"mine": 1})

    run_program(program)
    assert "team-a/db" not in outputs["externalSecrets"]
    assert "`status` will not show ExternalSecret 'team-a/db': the program exports 'externalSecrets'" in caplog.text


def test_two_under_one_name_in_a_mapping_are_said(outputs: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    def program() -> None:
        first, second = two()
        rows = [status_output({"db": secret}) for each in (first, second) for secret in each.secrets.values()]
        pulumi.export("externalSecrets", rows[0] | rows[1])

    run_program(program)
    assert list(outputs["externalSecrets"]) == ["db"]
    assert "`status` will not show ExternalSecret 'db'" in caplog.text
