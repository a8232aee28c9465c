"""What users' pages quote is so: error texts, names of the reference, and the fields of the operator's objects."""

import json
import re
from typing import Any

import pytest
import yaml

import components
from tests.support.pages import blocks
from tests.support.paths import ROOT

DOCS = ROOT / "docs"
TROUBLE = (DOCS / "troubleshooting.md").read_text("utf-8")
SOURCES = {path: path.read_text("utf-8") for path in (ROOT / "components").rglob("*.py")}
OPERATOR = ROOT / "examples" / "14-operator" / "operator"
RECORDED = json.loads((ROOT / "tests" / "recorded" / "pulumi-operator.json").read_text("utf-8"))
JSON_TYPES = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list}
# What Pulumi or Python say, and not we.
NOT_OURS = TROUBLE.partition("## Pulumi itself and the rules")[2]


def quoted() -> list[str]:
    own = TROUBLE.replace(NOT_OURS, "")
    return re.findall(r"^\| `([^`]+)` \|", own, re.MULTILINE)


def test_there_are_texts() -> None:
    assert len(quoted()) >= 15


@pytest.mark.parametrize("text", quoted())
def test_an_error_text_of_the_page_exists_in_the_code(text: str) -> None:
    # Strings of the code may go on in the next line.
    joined = [re.sub(r'"\s*\n\s*f?"', "", source) for source in SOURCES.values()]
    assert any(text in source for source in joined)


def test_every_public_name_is_in_the_reference_once() -> None:
    named = re.findall(r"^::: components\.[\w.]*\.(\w+)$", (DOCS / "reference.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted({*components.__all__} - {"__version__"})


def test_every_page_of_users_is_reached_from_the_start() -> None:
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    site = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert {page for page in pages if f": {page}\n" not in site} == set()


def objects(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((OPERATOR / name).read_text("utf-8")))


def check(bag: dict[str, Any], kind: str) -> None:
    for name, value in bag.items():
        assert name in RECORDED["fields"][kind], f"{kind} has no field {name}"
        assert isinstance(value, JSON_TYPES.get(RECORDED["fields"][kind][name], object)), f"{kind}.{name}"


def test_the_stack_has_fields_of_the_operator_and_is_run_again() -> None:
    (stack,) = objects("stack.yaml")
    assert (stack["apiVersion"], stack["kind"]) == ("pulumi.com/v1", "Stack")
    spec = stack["spec"]
    check(spec, "Stack.spec")
    assert set(RECORDED["required"]) <= spec.keys()
    check(spec["workspaceTemplate"]["spec"], "Workspace.spec")
    check(spec["workspaceTemplate"]["spec"]["local"], "Workspace.spec.local")
    assert spec["workspaceReclaimPolicy"] in RECORDED["workspaceReclaimPolicy"]
    assert spec["continueResyncOnCommitMatch"] is True
    assert spec["resyncFrequencySeconds"] >= 60


def test_the_objects_fit_together() -> None:
    (stack,) = objects("stack.yaml")
    account, _, role, binding = objects("service-account.yaml")
    assert account["metadata"]["name"] == stack["spec"]["serviceAccountName"]
    assert account["metadata"]["namespace"] == stack["metadata"]["namespace"]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    (page,) = [text for text in blocks(DOCS / "how-it-works.md", "yaml") if "ClusterRole" in text]
    assert role["rules"][0] in yaml.safe_load(page)["rules"], "the rights in the cluster are those of how-it-works.md"
    docker = (OPERATOR / "Dockerfile").read_text("utf-8")
    assert f"WORKDIR {stack['spec']['workspaceTemplate']['spec']['local']['dir']}\n" in docker
    for name in re.findall(r"^COPY ((?:[\w.]+ )+)\./$", docker, re.MULTILINE)[0].split():
        assert (OPERATOR.parent / name).is_file()


def test_the_alerts_ask_for_metrics_that_there_are() -> None:
    rule, states = objects("alerts.yaml")
    expressions = [each["expr"] for group in rule["spec"]["groups"] for each in group["rules"]]
    (resource,) = states["spec"]["resources"]
    made = {f"kube_customresource_{metric['name']}" for metric in resource["metrics"]} | {"stacks_failing"}
    assert {re.match(r"\w+", each)[0] for each in expressions} == made  # type: ignore[index]


def test_users_pages_name_no_test_machinery() -> None:
    site = yaml.safe_load(re.sub(r"!!\S+", "", (ROOT / "mkdocs.yml").read_text("utf-8")))
    own = {"architecture.md", "testing.md", "verified.md", "walks.md"}
    (contributing,) = [part["Contributing"] for part in site["nav"] if "Contributing" in part]
    assert {page for part in contributing for page in part.values()} == own
    verbs = re.compile(r"make (test|lint|fuzz|bench|verified|look)\b|python -m (tools|pytest|tests)")
    found = {page.name for page in DOCS.rglob("*.md") if verbs.search(page.read_text("utf-8"))}
    assert found - own == set()
