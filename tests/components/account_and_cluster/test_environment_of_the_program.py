"""What a program sets in its own environment reaches neither the engine nor the process that writes."""

import os
from pathlib import Path

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.core.spec.store_identity import refuse_other_environment
from components.errors import SpecError
from components.external_secret import ExternalSecret
from components.parameter_store import SecretStore, ServiceAccountAuth
from tests.components.account_and_cluster.support import REGION, Opts, taken
from tests.components.support import declare


def test_what_the_program_sets_in_its_own_environment_is_what_its_providers_were_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pulumi's SDK reads the program's environment; the process that writes Secrets has the engine's."""

    def program() -> None:
        monkeypatch.setenv("KUBECONFIG", "/prod/kubeconfig")
        monkeypatch.setenv("PULUMI_K8S_DELETE_UNREACHABLE", "true")
        opts, auth = Opts(provider=k8s.Provider("k")), ServiceAccountAuth("reader")
        store = SecretStore("s", namespace="team-a", auth=auth, opts=opts, **REGION)
        ExternalSecret("db", store=store, data={"user": "/app/db"})

    engine = declare(program)
    monkeypatch.setenv("KUBECONFIG", "/home/ci/kubeconfig")
    monkeypatch.delenv("PULUMI_K8S_DELETE_UNREACHABLE")
    given = {"kubeconfig": "/prod/kubeconfig", "deleteUnreachable": "true"}
    sync = taken(engine, "SecretSync", "db")
    assert sync["cluster"] == sync["store"]["cluster"] == taken(engine, "Snapshot", "s")["store"]["cluster"] == given


@pytest.mark.parametrize(
    ("variables", "profile", "refused"),
    [
        ({}, None, None),
        ({"AWS_REGION": "us-east-1"}, None, "AWS_REGION"),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, None, "AWS_REGION"),
        ({"AWS_PROFILE": "q"}, None, "AWS_PROFILE"),
        ({"AWS_PROFILE": "q"}, "p", None),
        ({"AWS_CONFIG_FILE": "{}/other"}, None, "AWS_CONFIG_FILE"),
    ],
)
def test_a_region_that_the_program_sets_in_its_own_environment_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], profile: str | None, refused: str | None
) -> None:
    """Pulumi's own AWS provider, and the process that reads, have the environment of the `pulumi` command."""
    for name in ("aws", "other"):
        (tmp_path / name).write_text(
            "".join(f"[{each}]\nregion = eu-west-1\n" for each in ("default", "profile p", "profile q"))
        )
    pulumi.runtime.set_all_config({"aws:profile": profile} if profile else {})

    def program() -> None:
        with monkeypatch.context() as own:
            for name, value in variables.items():
                own.setenv(name, value.format(tmp_path))
            ExternalSecret("db", store=SecretStore("s", namespace="team-a"), data={"user": "/app/db"})

    choice = declare(program).registered["Snapshot", "s"]["operation"].get("regionChoice") or {}
    if refused is None:
        refuse_other_environment(choice, os.environ)
    else:
        with pytest.raises(SpecError, match=f"chooses it by {refused}, and that of the `pulumi` command"):
            refuse_other_environment(choice, os.environ)


def test_a_region_that_something_else_says_is_none_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    engine = declare(lambda: ExternalSecret("db", store=SecretStore("s", namespace="n", **REGION), data={"a": "/a"}))
    assert not engine.registered["Snapshot", "s"]["operation"].get("regionChoice")
