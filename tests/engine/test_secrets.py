"""Secret values are encrypted in state and never printed."""

import json
import subprocess
from pathlib import Path

import pytest

from sandbox.engine.errors import UsageError
from sandbox.engine.passphrase import Crypter
from tests.engine.support import Project, ProjectFactory

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


def with_secret_config(project: Project, **values: str) -> Project:
    """Write a stack file with encrypted values."""
    crypter = Crypter(project.env())
    lines = [f"  test:{key}:\n    secure: {crypter.encrypt(value)}\n" for key, value in values.items()]
    project.write("Pulumi.dev.yaml", f"encryptionsalt: {crypter.salt}\nconfig:\n{''.join(lines)}")
    return project


def stack_command(project: Project, *arguments: str) -> str:
    done = subprocess.run(
        project.engine_command("stack", *arguments),
        cwd=Path(__file__).parents[2],
        env=project.env(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def everything_under(folder: Path) -> str:
    return "".join(file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file())


def test_values_are_nowhere_in_files_and_output(make_project: ProjectFactory) -> None:
    project = with_secret_config(make_project(PROGRAM), password=CANARY)
    texts = [project.run("preview", diff=True)[1], project.up()[1], project.up(diff=True)[1]]
    stored = everything_under(project.root)
    for text in (*texts, stored):
        assert CANARY not in text
        assert CANARY.upper() not in text
    assert "the program prints [secret]" in texts[1]
    assert "value  : [secret]" in texts[1]


def test_values_survive_the_state(make_project: ProjectFactory) -> None:
    project = with_secret_config(make_project(PROGRAM), password=CANARY)
    project.up()
    assert "[secret]" in stack_command(project, "output")
    assert json.loads(stack_command(project, "output", "--json", "--show-secrets")) == {
        "value": CANARY,
        "derived": CANARY.upper(),
    }
    assert stack_command(project, "output", "value", "--show-secrets") == f"{CANARY}\n"
    assert CANARY not in stack_command(project, "export")
    assert CANARY in stack_command(project, "export", "--show-secrets")


def test_unchanged_secrets_are_the_same(make_project: ProjectFactory) -> None:
    project = with_secret_config(make_project(PROGRAM), password=CANARY)
    project.up()
    result, _ = project.up()
    assert result.summary == {"same": 2}


def test_provider_configuration_in_state_is_encrypted(make_project: ProjectFactory) -> None:
    project = with_secret_config(make_project(PROGRAM), password=CANARY)
    project.up()
    provider = next(item for item in project.state()["resources"] if ":providers:" in item["type"])
    assert "ciphertext" in provider["inputs"]["test:password"]


def test_wrong_passphrase_is_refused(make_project: ProjectFactory) -> None:
    project = with_secret_config(make_project(PROGRAM), password=CANARY)
    project.up()
    with pytest.raises(UsageError, match="incorrect passphrase"):
        project.run("preview", env={"PULUMI_CONFIG_PASSPHRASE": "wrong"})


def test_missing_passphrase_is_named(make_project: ProjectFactory, tmp_path: Path) -> None:
    project = with_secret_config(make_project(PROGRAM), password=CANARY)
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    environment = {key: value for key, value in project.env().items() if key != "PULUMI_CONFIG_PASSPHRASE"}
    with pytest.raises(UsageError, match="PULUMI_CONFIG_PASSPHRASE_FILE"):
        Crypter(environment).encrypt("x")
    Crypter({**environment, "PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}, Crypter(project.env()).salt).encrypt("x")


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
        from pulumi.dynamic import CheckFailure, CheckResult
        from things import Thing, Things
        def check(self, olds, news):
            return CheckResult(news, [CheckFailure("value", "is not allowed")])
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
