"""Secret values are encrypted in state and never printed."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.engine.cli import add_commands
from sandbox.engine.errors import UsageError
from sandbox.engine.passphrase import Crypter
from tests.sandbox.engine.support import Project, ProjectFactory

CANARY = "canary-value-7f3a"
PROGRAM = """
    import pulumi
    from things import Thing
    config = pulumi.Config()
    secret = config.require_secret("password")
    thing = Thing("thing", value=secret, nested={"inside": [secret, "open"]})
    secret.apply(lambda value: print("the program prints", value))
    pulumi.export("value", thing.value)
    pulumi.export("derived", secret.apply(lambda value: value.upper()))
"""


# Deriving a key takes half a second; with one salt for all tests it is derived once.
SALTED = Crypter({"PULUMI_CONFIG_PASSPHRASE": "correct horse"})


def with_secret_config(project: Project, **values: str) -> Project:
    """Write a stack file with encrypted values."""
    crypter = SALTED
    lines = [f"  test:{key}:\n    secure: {crypter.encrypt(value)}\n" for key, value in values.items()]
    project.write("Pulumi.dev.yaml", f"encryptionsalt: {crypter.salt}\nconfig:\n{''.join(lines)}")
    return project


@pytest.fixture
def stack_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a `stack` command and return what it prints."""

    def run(project: Project, *arguments: str) -> str:
        monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
        monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
        parser = argparse.ArgumentParser()
        add_commands(parser.add_subparsers())
        options = parser.parse_args(["stack", *arguments, "--cwd", str(project.root), "--stack", "dev"])
        capsys.readouterr()
        assert options.run(options) == 0
        return capsys.readouterr().out

    return run


def everything_under(folder: Path) -> str:
    return "".join(file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file())


def test_values_are_nowhere_in_files_and_output(
    make_project: ProjectFactory, stack_command: Callable[..., str]
) -> None:
    project = with_secret_config(make_project(PROGRAM), password=CANARY)
    texts = [project.run("preview", diff=True)[1], project.up()[1]]
    unchanged, unchanged_text = project.up(diff=True)
    assert unchanged.summary == {"same": 2}
    shown = [stack_command(project, "output"), stack_command(project, "export")]
    for text in (*texts, unchanged_text, *shown, everything_under(project.root)):
        assert CANARY not in text
        assert CANARY.upper() not in text
    assert "the program prints [secret]" in texts[1]
    assert "value  : [secret]" in texts[1]
    assert "[secret]" in shown[0]
    provider = next(item for item in project.state()["resources"] if ":providers:" in item["type"])
    assert "ciphertext" in provider["inputs"]["test:password"]
    # They survive the state all the same.
    outputs = {"value": CANARY, "derived": CANARY.upper()}
    assert json.loads(stack_command(project, "output", "--json", "--show-secrets")) == outputs
    assert stack_command(project, "output", "value", "--show-secrets") == f"{CANARY}\n"
    assert CANARY in stack_command(project, "export", "--show-secrets")


def test_wrong_passphrase_is_refused(make_project: ProjectFactory) -> None:
    project = with_secret_config(make_project(PROGRAM), password=CANARY)
    with pytest.raises(UsageError, match="incorrect passphrase"):
        project.run("preview", env={"PULUMI_CONFIG_PASSPHRASE": "wrong"})


def test_missing_passphrase_is_named(make_project: ProjectFactory, tmp_path: Path) -> None:
    project = make_project(PROGRAM)
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    environment = {key: value for key, value in project.env().items() if key != "PULUMI_CONFIG_PASSPHRASE"}
    with pytest.raises(UsageError, match="PULUMI_CONFIG_PASSPHRASE_FILE"):
        Crypter(environment).encrypt("x")
    from_file = Crypter({**environment, "PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}, SALTED.salt)
    assert from_file.decrypt(SALTED.encrypt("x")) == "x"


def test_values_written_by_the_pulumi_cli_can_be_read() -> None:
    # Written by the Pulumi CLI 3.260 with the passphrase `x`.
    salt = "v1:0sOU/W6ffHE=:v1:xjsXzxOOlcJl1ITr:pxuZj6sJodbWtL45b69wBDQJa0ntbg=="
    crypter = Crypter({"PULUMI_CONFIG_PASSPHRASE": "x"}, salt)
    assert crypter.decrypt(salt.removeprefix("v1:0sOU/W6ffHE=:")) == "pulumi"
    assert crypter.decrypt(crypter.encrypt("äöü")) == "äöü"


def test_damaged_values_are_named_without_showing_them() -> None:
    crypter = Crypter({"PULUMI_CONFIG_PASSPHRASE": "x"})
    sealed = crypter.encrypt("value")
    for damaged in ("nonsense", sealed[:-4] + "AAA=", "v2:a:b"):
        with pytest.raises(UsageError, match="encrypted value"):
            crypter.decrypt(damaged)


def test_failing_check_does_not_show_a_secret(make_project: ProjectFactory) -> None:
    project = make_project("""
        import pulumi
        import strict
        strict.Strict("thing", value=pulumi.Output.secret("canary-value-7f3a"))
    """)
    project.write(
        "strict.py",
        """
        from pulumi.dynamic import CheckFailure, CheckResult, Resource, ResourceProvider
        class Checks(ResourceProvider):
            serialize_as_secret_always = False
            def check(self, olds, news):
                return CheckResult(news, [CheckFailure("value", f"{news['value']} is not allowed")])
        class Strict(Resource, module="test", name="Strict"):
            def __init__(self, rn, opts=None, **props):
                super().__init__(Checks(), rn, props, opts)
        """,
    )
    result, text = project.run("preview")
    assert result.exit_code == 1
    assert "property value value {[secret]} has a problem: [secret] is not allowed" in text
    assert CANARY not in text
