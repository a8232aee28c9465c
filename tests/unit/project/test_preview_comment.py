"""The comment that docs/ci/preview.sh writes begins with what matters, and has no traceback that says nothing."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.paths import ROOT

TRACEBACK = """\
    Traceback (most recent call last):
      File "/bin/pulumi-language-python-exec", line 232, in <module>
        loop.run_until_complete(coro)

    KeyboardInterrupt
    During handling of the above exception, another exception occurred:
    Traceback (most recent call last):
      File "/bin/pulumi-language-python-exec", line 244, in <module>
        executor.shutdown(wait=True)
           ^^^^^^^^^^^^^^
    KeyboardInterrupt
"""
OWN = """\
    Traceback (most recent call last):
      File "/repository/__main__.py", line 2, in <module>
    ZeroDivisionError: division by zero
"""
FAILED = f"""\
Previewing update (dev):
  pulumi:pulumi:Stack: (same)
Diagnostics:
  pulumi:pulumi:Stack (infra-dev):
{TRACEBACK}
{OWN}
  pulumi-python:dynamic/parameterstore:SecretSync (db):
    error: resource 'db' has a problem: parameter '/prod/db' does not exist

Resources:
    2 errored
"""
CHANGED = """\
Previewing update (dev):
  pulumi:pulumi:Stack: (same)
    [urn=urn:pulumi:dev::infra::pulumi:pulumi:Stack::infra-dev]
    ~ aws:iam/role:Role: (update)
        [urn=urn:pulumi:dev::infra::aws:iam/role:Role::other]
      ~ keys: {
          ~ a: "not ours"
        }
    ~ pulumi-python:dynamic/parameterstore:SecretSync: (update)
        [id=team-a/db]
        [urn=urn:pulumi:dev::infra::parameterstore:index:ExternalSecret$pulumi-python:dynamic/parameterstore:SecretSync::db]
      + drift : [
      +     [0]: "key user edited in the cluster by kubectl-edit"
        ]
      ~ keys  : {
          ~ password: "/prod/db, version 1" => "/prod/db, version 2"
        }
        other : {
            thing: 1
        }
Resources:
    ~ 2 to update
"""
PLAIN = "  (pulumi-python:dynamic/parameterstore:SecretPush: ca)"
RULES = [
    (
        "[advisory] [severity: medium]  no-foreign-adopt",
        "What somebody else made is left to them.",
        "adopt takes over what somebody else made; leave it out when that is done",
    ),
    (
        "[mandatory] [severity: high]  plain-push",
        "Secrets are pushed as SecureString.",
        "data[0] is pushed as String; write secretType: SecureString",
    ),
    (
        "[mandatory] [severity: high]  deletion",
        "In production nothing is deleted by mistake.",
        "deletionPolicy is Delete; leave it out",
    ),
]
PACK = "pulumi-parameter-store@v0.1.0"
BETWEEN = (
    "Previewing update (dev):\n"
    + "".join(f"    {PACK} {rule}{PLAIN}{says}\n{why}\n" for rule, says, why in RULES)
    + "        + pulumi-python:dynamic/parameterstore:SecretPush: (create)\n"
    + "error: preview failed\nResources:\n    + 2 to create\n"
)
"""As Pulumi 3.260 writes it with --diff."""
BELOW = (
    f"Previewing update (dev):\nPolicies:\n    \u274c {PACK} (local: /pack)\n"
    + "".join(f"        - {rule}{PLAIN}\n          {says}\n          {why}\n" for rule, says, why in RULES)
    + "\nDiagnostics:\n  pulumi:pulumi:Stack (infra-dev):\n    error: preview failed\n\n"
)
"""As it writes it without."""
ADVISED = CHANGED.replace("Resources:", f"    {PACK} {RULES[0][0]}{PLAIN}{RULES[0][1]}\n{RULES[0][2]}\nResources:")
NAMESPACES = """\
Previewing update (dev):
    ~ pulumi-python:dynamic/parameterstore:ClusterSecretSync: (update)
        [urn=urn:pulumi:dev::infra::parameterstore:index:ClusterExternalSecret$pulumi-python:dynamic/parameterstore:ClusterSecretSync::registry]
        data      : {
            other: {
                key: "/other"
            }
        }
          ~ namespaces: {
              ~ team-a: {
                    clusterId: "other"
                  ~ keys     : {
                      ~ registry: "/shared/registry, version 1" => "/shared/registry, version 2"
                    }
                }
              + team-b: {
              +     keys     : {
              +         registry: "/shared/registry, version 2"
                    }
              +     writtenTo: {
              +         server : "other"
                    }
                }
            }
        target    : {
            other: 1
        }
Resources:
"""
PULUMI = """#!/bin/sh
case "$*" in
  *--json*) echo '{}' ;;
  *) cat printed; exit "$(cat code)" ;;
esac
"""
SETTINGS = {"PULUMI_STACK", "POLICIES", "POLICY_CONFIG"}
COMMAND = '#!/bin/sh\necho "ACCESS"\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name, text in {"bin/pulumi": PULUMI, ".venv/bin/pulumi-parameter-store": COMMAND}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
        file.chmod(0o755)
    return tmp_path


def preview(repository: Path, printed: str, code: int, **environment: str) -> "subprocess.CompletedProcess[str]":
    (repository / "printed").write_text(printed)
    (repository / "code").write_text(str(code))
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return subprocess.run(
        ["/bin/bash", str(ROOT / "docs" / "ci" / "preview.sh")],
        cwd=repository,
        env={**kept, "PATH": f"{repository / 'bin'}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_errors_come_first_and_the_interrupt_of_the_program_is_left_out(repository: Path) -> None:
    assert preview(repository, FAILED, 255, PULUMI_STACK="dev").returncode == 255
    comment = (repository / "comment.md").read_text()
    assert comment.startswith(
        "<!-- preview of dev -->\n### Preview of `dev`: failed\n~~~~text\n"
        "    error: resource 'db' has a problem: parameter '/prod/db' does not exist\n~~~~\n"
        "Who may read what is not compared"
    )
    assert "KeyboardInterrupt" not in comment
    assert "another exception" not in comment
    assert OWN in comment, "a traceback of the program itself stays"
    assert "2 errored" in comment.partition("<details>")[2]


def test_what_rules_refuse_comes_first(repository: Path) -> None:
    found = "Policies:\n    - [mandatory]  static-keys  (x)\n      they never expire\n\n"
    assert (
        preview(repository, FAILED.replace("Resources:", f"{found}Resources:"), 1, PULUMI_STACK="dev").returncode == 1
    )
    first = (repository / "comment.md").read_text().partition("<details>")[0]
    assert "static-keys" in first
    assert "they never expire" in first


@pytest.mark.parametrize("printed", [BETWEEN, BELOW], ids=["between resources", "below"])
def test_what_rules_refuse_comes_first_and_what_they_advise_last(repository: Path, printed: str) -> None:
    assert preview(repository, printed, 255, PULUMI_STACK="dev").returncode == 255
    first = (repository / "comment.md").read_text().partition("~~~~text\n")[2].partition("~~~~")[0]
    lines = [line.removeprefix("pulumi-parameter-store@v0.1.0 ").strip() for line in first.splitlines()]
    said = [line for line in lines if not line.startswith(("Secrets are", "What somebody", "In production"))]
    assert [
        line.partition(")")[0].removesuffix("(pulumi-python:dynamic/parameterstore:SecretPush: ca") for line in said
    ] == [
        "[mandatory] [severity: high]  plain-push  ",
        "data[0] is pushed as String; write secretType: SecureString",
        "[mandatory] [severity: high]  deletion  ",
        "deletionPolicy is Delete; leave it out",
        "[advisory] [severity: medium]  no-foreign-adopt  ",
        "adopt takes over what somebody else made; leave it out when that is done",
    ]


def test_what_rules_advise_is_told_of_a_preview_that_passes(repository: Path) -> None:
    assert preview(repository, ADVISED, 0, PULUMI_STACK="dev").returncode == 0
    first = (repository / "comment.md").read_text().partition("~~~~text\n")[2].partition("~~~~")[0]
    assert first.startswith("db:\n"), "what changes comes first"
    assert "no-foreign-adopt" in first
    assert "  adopt takes over what somebody else made; leave it out when that is done\n" in first


def test_a_failed_program_is_told_by_its_error_alone(repository: Path) -> None:
    exited = "error: an unhandled error occurred: program exited with non-zero exit code: 1\n"
    said = "error: eso/push.yaml: PushSecret ca: unknown field 'secretKey'\n"
    for printed, expected in {f"{said}{exited}": said, exited: exited}.items():
        assert preview(repository, f"Previewing update (dev):\n{printed}", 255, PULUMI_STACK="dev").returncode == 255
        assert f"~~~~text\n{expected}~~~~\n" in (repository / "comment.md").read_text()


def test_reasons_of_many_namespaces_name_each(repository: Path) -> None:
    assert preview(repository, NAMESPACES, 0, PULUMI_STACK="dev").returncode == 0
    first = (repository / "comment.md").read_text().partition("~~~~text\n")[2].partition("~~~~")[0]
    assert [line for line in first.splitlines() if line.endswith(":") or "version" in line] == [
        "registry, namespace team-a:",
        '                      ~ registry: "/shared/registry, version 1" => "/shared/registry, version 2"',
        "registry, namespace team-b:",
        '              +         registry: "/shared/registry, version 2"',
    ]
    assert "other" not in first


def test_a_virtual_environment_that_was_forgotten_is_named(repository: Path) -> None:
    (repository / ".venv/bin/pulumi-parameter-store").unlink()
    done = preview(repository, CHANGED, 0, PULUMI_STACK="dev")
    assert done.returncode == 1
    assert "python3 -m venv .venv && .venv/bin/pip install --requirement requirements.txt" in done.stderr
    assert not (repository / "preview.txt").exists()


def test_rules_are_asked_as_the_named_file_configures_them(repository: Path) -> None:
    pack = repository / "pack"
    pack.mkdir()
    for name, text in {
        ".venv/bin/python": f"#!/bin/sh\necho {pack}\n",
        "bin/python": "#!/bin/sh\nmkdir -p $3/bin; printf '#!/bin/sh\\n' > $3/bin/pip; chmod +x $3/bin/pip\n",
        "bin/pulumi": '#!/bin/sh\ncase "$*" in *--json*) echo {} ;; *) echo "$*" ;; esac\n',
    }.items():
        (repository / name).write_text(text)
        (repository / name).chmod(0o755)
    assert preview(repository, "", 0, PULUMI_STACK="dev", POLICIES="1").returncode == 0
    asked = (repository / "preview.txt").read_text()
    assert asked.endswith(f"--policy-pack {pack}\n")
    done = preview(repository, "", 0, PULUMI_STACK="dev", POLICIES="1", POLICY_CONFIG="ci/our rules.json")
    assert done.returncode == 0, done.stderr
    assert (repository / "preview.txt").read_text() == asked.replace(
        f"{pack}\n", f"{pack} --policy-pack-config ci/our rules.json\n"
    )


def test_reasons_come_first_and_the_rest_is_folded(repository: Path) -> None:
    done = preview(repository, CHANGED, 0, PULUMI_STACK="dev")
    assert done.returncode == 0, done.stderr
    first, _, rest = (repository / "comment.md").read_text().partition("<details>")
    assert first.splitlines()[2:] == [
        "~~~~text",
        "db:",
        "      + drift : [",
        '      +     [0]: "key user edited in the cluster by kubectl-edit"',
        "        ]",
        "      ~ keys  : {",
        '          ~ password: "/prod/db, version 1" => "/prod/db, version 2"',
        "        }",
        "~~~~",
        "ACCESS",
        "",
    ]
    assert CHANGED in rest


def test_a_preview_without_a_stack_leaves_no_comment_of_an_earlier_run(repository: Path) -> None:
    assert preview(repository, CHANGED, 0, PULUMI_STACK="dev").returncode == 0
    done = preview(repository, CHANGED, 0)
    assert done.returncode != 0
    assert "PULUMI_STACK: set it to the name of the stack" in done.stderr
    assert not (repository / "comment.md").exists()


def test_a_long_preview_fits_in_a_comment(repository: Path) -> None:
    rows = "".join(f'          ~ key{at}: "/prod/db, version 1" => "/prod/db, version 2"\n' for at in range(2000))
    long = CHANGED.replace("          ~ password", f"{rows}          ~ password")
    assert preview(repository, long, 0, PULUMI_STACK="dev").returncode == 0
    comment = (repository / "comment.md").read_text()
    assert len(comment) < 65_536
    assert comment.count("the rest is in the log of the job") == 2
