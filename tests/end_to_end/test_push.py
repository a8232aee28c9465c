"""PushSecrets from preview to destroy: a Secret's keys in Parameter Store, and no value anywhere else."""

import base64
import json
import secrets
from typing import Any

import pytest

from tests.end_to_end.engines import Outcome
from tests.end_to_end.support import NAMESPACE, Project

pytestmark = pytest.mark.slow

PROGRAM = """
import pulumi
from components import AssumedRole, PushData, PushMetadata, PushSecret, SecretStore

store = SecretStore("team-a", namespace="team-a", region="eu-central-1", prefix="/app/", STORE)
for name, data in PUSHES.items():
    PushSecret(name, stores=[store], secret="pokedex-credentials", data=data, MORE)
"""
OWNER = "pulumi-parameter-store/owner"


def declare(project: Project, pushes: str, more: str = "", store: str = "") -> None:
    text = PROGRAM.replace("PUSHES", f"{{{pushes}}}").replace("MORE", more).replace("STORE", store)
    project.write_program(text)


def put_secret(project: Project, *keys: str, name: str = "pokedex-credentials") -> dict[str, str]:
    """Write the Secret, as somebody else, with a new value for each key."""
    values = {key: f"canary-{key}-{secrets.token_hex(8)}" for key in keys}
    project.guard(*values.values())
    project.cluster().apply_secret(NAMESPACE, name, encoded(values), force=True)
    return values


def encoded(values: dict[str, str]) -> dict[str, Any]:
    return {"data": {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}}


def parameter(project: Project, name: str) -> Any:
    """A parameter's value; None where there is none."""
    ssm = project.sandbox.aws.client("ssm")
    found = ssm.get_parameters(Names=[name], WithDecryption=True)["Parameters"]
    return found[0]["Value"] if found else None


def done(outcome: Outcome) -> Outcome:
    assert outcome.result.exit_code == 0, outcome.output
    return outcome


def test_a_life_of_pushed_parameters(project: Project) -> None:
    values = put_secret(project, "best-pokemon", "other")
    declare(project, "'pokedex': [PushData('my-first-parameter', 'best-pokemon')]")
    preview = done(project.preview())
    assert "create /app/my-first-parameter" in preview.output
    assert parameter(project, "/app/my-first-parameter") is None
    done(project.up())
    assert parameter(project, "/app/my-first-parameter") == values["best-pokemon"]
    preview = done(project.preview())
    assert preview.changes == {}
    assert project.reads(decrypt=True) == []
    assert project.reads(decrypt=False) == [("/app/my-first-parameter",)]

    values = put_secret(project, "best-pokemon", "other")
    assert "/app/my-first-parameter: value may change (Secret edited since the last push)" in project.preview().output
    assert "/app/my-first-parameter: update (value)" in done(project.up()).output
    assert parameter(project, "/app/my-first-parameter") == values["best-pokemon"]

    entry = "PushData('my-first-parameter', 'best-pokemon', metadata=PushMetadata(tags={'team': 'a'}))"
    declare(project, f"'pokedex': [{entry}, PushData('second', 'other')]", "deletion_policy='Delete'")
    preview = done(project.preview())
    assert "/app/my-first-parameter: update (tags: team)" in preview.output
    done(project.up())
    declare(project, "'pokedex': [PushData('second', 'other')]", "deletion_policy='Delete'")
    assert "delete /app/my-first-parameter" in done(project.preview()).output
    done(project.up())
    assert [parameter(project, f"/app/{name}") for name in ("my-first-parameter", "second")] == [None, values["other"]]
    assert done(project.refresh()).result.exit_code == 0
    assert project.preview().changes == {}
    done(project.destroy())
    assert parameter(project, "/app/second") is None


def test_what_is_there_is_refused_until_it_is_adopted(project: Project) -> None:
    values = put_secret(project, "best-pokemon")
    project.guard("canary-of-somebody-else")
    project.sandbox.aws.put_parameter("/app/theirs", "canary-of-somebody-else")
    declare(project, "'pokedex': [PushData('theirs', 'best-pokemon')]")
    for run in (project.preview, project.up):
        outcome = run()
        assert outcome.result.exit_code != 0
        assert "parameter '/app/theirs' exists already in eu-central-1" in outcome.output
        assert "Traceback" not in outcome.output
    assert parameter(project, "/app/theirs") == "canary-of-somebody-else"
    declare(project, "'pokedex': [PushData('theirs', 'best-pokemon')]", "adopt=True")
    assert "adopt /app/theirs" in done(project.preview()).output
    done(project.up())
    assert parameter(project, "/app/theirs") == values["best-pokemon"]


@pytest.mark.parametrize("store", ["", "grouped=True"], ids=["alone", "of a group"])
def test_what_a_push_that_fails_in_part_wrote_is_in_the_state(project: Project, store: str) -> None:
    values = put_secret(project, "one", "two", "three")
    first, more = "PushData('one', 'one')", "PushData('two', 'two'), PushData('three', 'three')"
    faults = project.sandbox.aws.faults

    def declare_pushes(*entries: str) -> None:
        declare(project, f"'pokedex': [{', '.join(entries)}]", "deletion_policy='Delete'", store)

    def pushed() -> dict[str, str]:
        found = {name: parameter(project, f"/app/{name}") for name in values}
        return {name: value for name, value in found.items() if value is not None}

    def fails(*entries: str) -> None:
        declare_pushes(*entries)
        faults.deny("ssm:PutParameter", "/app/two")
        outcome = project.up()
        assert outcome.result.exit_code != 0
        assert "may not call ssm:PutParameter" in outcome.output
        assert "Traceback" not in outcome.output
        faults.clear()

    fails(first, more)
    assert pushed() == {"one": values["one"], "three": values["three"]}
    assert "create /app/two" in done(project.preview()).output
    declare_pushes(first)
    assert "delete /app/three" in done(project.preview()).output
    done(project.up())
    assert pushed() == {"one": values["one"]}
    fails(first, more)
    declare_pushes(first)
    assert "an update of which failed: delete /app/three" in done(project.up()).output
    assert pushed() == {"one": values["one"]}
    project.settle()
    fails(first, more)
    done(project.destroy())
    assert pushed() == {}


WRAPPED = """
import pulumi

class Team(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("my:index:Team", "team")

TEAM = Team()
"""


def test_a_push_that_gets_another_name_or_parent_never_loses_a_parameter(project: Project) -> None:
    values = put_secret(project, "best-pokemon")
    entry, name = "[PushData('moved', 'best-pokemon')]", "/app/moved"
    delete = "deletion_policy='Delete'"
    declare(project, f"'first': {entry}", delete)
    done(project.up())
    declare(project, f"'second': {entry}", delete)
    renamed = project.up(continue_on_error=True)
    assert renamed.result.exit_code != 0
    assert f"parameter '{name}' exists already in eu-central-1" in renamed.output
    assert f"parameter {name} in eu-central-1 stays" in renamed.output
    assert "Traceback" not in renamed.output
    declare(project, f"'second': {entry}", f"{delete}, adopt=True")
    assert f"adopt {name}" in done(project.up()).output
    declare(project, f"'second': {entry}", f"{delete}, opts=pulumi.ResourceOptions(parent=TEAM)")
    program = project.path / "__main__.py"
    program.write_text(WRAPPED + program.read_text())
    assert f"{name}: update (mark)" in done(project.up()).output
    assert project.preview().changes == {}
    found = project.sandbox.aws.client("ssm").get_parameter(Name=name)["Parameter"]
    assert (parameter(project, name), found["Version"]) == (values["best-pokemon"], 1), "it was never gone"
    done(project.destroy())
    assert parameter(project, name) is None


def granted(project: Project) -> set[tuple[str, str]]:
    """What sessions of roles were granted in the last operation: action and parameter or key."""
    return {
        (each.action, each.resource.rpartition("parameter")[2] or each.resource)
        for who, each in project.sandbox.aws.granted
        if ":assumed-role/" in who
    }


def policies(project: Project) -> list[str]:
    found = project.sandbox.aws.client("iam").list_policies(Scope="Local")["Policies"]
    return [each["PolicyName"] for each in found]


def test_a_role_of_the_stores_own_may_do_just_that_also_what_is_not_declared_any_more(project: Project) -> None:
    values = put_secret(project, "best-pokemon")
    role = "role=AssumedRole()"
    one, two = "'one': [PushData('one', 'best-pokemon')]", "'two': [PushData('two', 'best-pokemon')]"
    declare(project, f"{one}, {two}", "deletion_policy='Delete'", role)
    preview = done(project.preview())
    assert "values are read during up" in preview.output
    done(project.up())
    assert [parameter(project, f"/app/{name}") for name in ("one", "two")] == [values["best-pokemon"]] * 2
    assert {action for action, _ in granted(project)} == {
        "ssm:GetParameters",
        "ssm:PutParameter",
        "ssm:AddTagsToResource",
    }
    assert project.preview().changes == {}
    # Renamed: the old parameter is deleted although the policy no longer names it in the end.
    declare(project, f"{one.replace('Data(', 'Data(chr(110) + ')}, {two}", "deletion_policy='Delete'", role)
    done(project.up())
    assert [parameter(project, f"/app/{name}") for name in ("one", "none")] == [None, values["best-pokemon"]]
    declare(project, two, "deletion_policy='Delete'", role)
    done(project.up())
    assert parameter(project, "/app/none") is None
    assert len(policies(project)) == 1
    declare(project, "", "", role)
    done(project.up())
    assert parameter(project, "/app/two") is None
    assert policies(project) == []


MANIFEST = """
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: store, namespace: team-a}
spec: {provider: {aws: {service: ParameterStore, region: eu-central-1}}}
---
apiVersion: external-secrets.io/v1alpha1
kind: PushSecret
metadata: {name: pushsecret-example, namespace: team-a}
spec:
  refreshInterval: 10s
  secretStoreRefs: [{name: store, kind: SecretStore}]
  selector: {secret: {name: pokedex-credentials}}
  data:
    - match: {secretKey: best-pokemon, remoteRef: {remoteKey: my-first-parameter}}
"""


def test_esos_example_as_a_manifest_and_in_settings(project: Project) -> None:
    values = put_secret(project, "best-pokemon")
    (project.path / "push.yaml").write_text(MANIFEST)
    project.manifests = ["push.yaml"]
    preview = done(project.preview())
    assert "as type String, which is ESO's default" in preview.output
    done(project.up())
    assert parameter(project, "my-first-parameter") == values["best-pokemon"]
    project.manifests = []
    project.config["parameter-store:pushSecrets"] = [
        {
            "name": "pokedex",
            "secretStoreRefs": ["team-a"],
            "selector": {"secret": {"name": "pokedex-credentials"}},
            "data": [{"match": {"secretKey": "best-pokemon", "remoteRef": {"remoteKey": "/of/settings"}}}],
        }
    ]
    done(project.up())
    assert parameter(project, "/of/settings") == values["best-pokemon"]
    assert parameter(project, "my-first-parameter") == values["best-pokemon"]


ROUND_TRIP = (
    MANIFEST
    + """
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: back, namespace: team-b}
spec:
  refreshInterval: 1s
  secretStoreRef: {name: store, kind: ClusterSecretStore}
  data: [{secretKey: pokemon, remoteRef: {key: my-first-parameter}}]
---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: store}
spec: {provider: {aws: {service: ParameterStore, region: eu-central-1}}}
"""
)


def test_one_up_settles_a_round_trip_into_another_namespace(project: Project) -> None:
    project.sandbox.kubernetes.create_namespace("team-b")
    values = put_secret(project, "best-pokemon")
    (project.path / "push.yaml").write_text(ROUND_TRIP)
    project.manifests = ["push.yaml"]
    done(project.preview())
    done(project.up())
    back = project.cluster().get_secret("team-b", "back") or {}
    assert base64.b64decode(back["data"]["pokemon"]).decode() == values["best-pokemon"]
    assert project.preview().changes == {}


ALL_FORMS = """
import pulumi
from components import (
    AssumedRole, LabelRequirement, PushData, PushDataTo, PushMetadata, PushSecret, SecretStore, Template,
)

AT = dict(namespace="team-a", region="eu-central-1")
one = SecretStore("one", prefix="/one/", role=AssumedRole(), **AT)
two = SecretStore("two", prefix="/two/", role=AssumedRole(), paths=["/two"], **AT)
KEYS = dict(secret="pokedex-credentials", deletion_policy="Delete")
tagged = PushMetadata(tags={"round": "ROUND"})
PushSecret("both", stores=[one, two], data=[PushData("plain", "user", metadata=tagged)], **KEYS)
PushSecret("absent", stores=[one], data=[PushData("theirs", "user")], update_policy="IfNotExists", **KEYS)
PushSecret("merged", stores=[one], data=[PushData("json", "pass", property="db.pass")], adopt=True, **KEYS)
url = Template(data={"url": "{{ .user }}:{{ .pass }}"})
PushSecret("made", stores=[one], data=[PushData("url", "url")], template=url, **KEYS)
decoded = PushMetadata(encode_as_decoded=True)
PushSecret(
    "bundled",
    stores=[two],
    selector=[LabelRequirement("push", "In", ["yes"])],
    data_to=[PushDataTo(store=two, match="^user$", remote_key="bundle", metadata=decoded)],
    deletion_policy="Delete",
)
"""


def test_every_form_of_a_push_with_roles_that_may_do_just_that(project: Project) -> None:
    aws, text = project.sandbox.aws, '{ "keep" : 1.50, "db":{"x":1}}'
    aws.put_parameter("/one/theirs", "canary-of-theirs")
    aws.put_parameter("/one/json", text)
    project.guard("canary-of-theirs")
    for number in ("1", "2"):
        project.write_program(ALL_FORMS.replace("ROUND", number))
        values = put_secret(project, "user", "pass")
        labelled = put_secret(project, "user", "more", name="labelled")
        metadata = {"metadata": {"labels": {"push": "yes"}}}
        project.cluster().apply_secret(NAMESPACE, "labelled", {**encoded(labelled), **metadata}, force=True)
        done(project.up())
        assert {name: parameter(project, name) for name in ("/one/plain", "/two/plain", "/one/theirs", "/one/url")} == {
            "/one/plain": values["user"],
            "/two/plain": values["user"],
            "/one/theirs": "canary-of-theirs",
            "/one/url": f"{values['user']}:{values['pass']}",
        }
        assert parameter(project, "/one/json") == text.replace("1}", f'1,"pass":"{values["pass"]}"}}')
        assert json.loads(parameter(project, "/two/bundle")) == {"user": labelled["user"]}
        tags = aws.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId="/two/plain")["TagList"]
        assert {"Key": "round", "Value": number} in tags
    assert project.preview().changes == {}
    done(project.destroy())
    left = {name: parameter(project, name) for name in ("/one/plain", "/two/plain", "/one/url", "/two/bundle")}
    assert left == dict.fromkeys(left)
    assert (parameter(project, "/one/theirs"), parameter(project, "/one/json")) == ("canary-of-theirs", text)
