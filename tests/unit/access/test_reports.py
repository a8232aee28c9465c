"""The command `access`: what it prints of a state or a preview, equal for equal input, and what it refuses."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.__main__ import main
from components.core.access.access_findings import with_findings
from components.core.access.access_json import difference, text_of, to_json
from components.core.access.access_map import access_map
from components.core.access.access_page import page
from components.core.access.access_table import printed as printed_lines
from components.core.access.access_table import tables
from components.core.access.declared_access import declared_in
from components.core.access.hidden_names import hide_names
from components.core.access.stack_state import resources_of
from components.core.cost import cost_report
from components.core.cost.assumed import Assumed
from components.core.cost.estimate import estimate
from components.core.iam import CustomerKey
from components.errors import SpecError
from tests.support.access_stacks import KEY, MANAGER, PushPlan, SecretPlan, StorePlan, large_stack, state
from tests.unit.cost.test_estimate import PRICES

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
DB = SecretPlan("db", {"user": {"key": "/prod/db", "property": "user"}, "pinned": {"key": "/prod/db", "version": 1}})
WEB = SecretPlan("web", {"password": {"key": "/prod/db"}}, [{"name": {"regexp": "."}}], namespace="team-b")
SNAPSHOT = {"urn": "urn:pulumi:dev::shop::x::store", "type": "pulumi-python:dynamic/parameterstore:Snapshot"}
STACK = [
    StorePlan("shop", [DB], ["/prod/out"], keys=[CustomerKey(KEY, ("/prod/*",))]),
    StorePlan("wide", [WEB], paths=["/prod"], found={'find {"name": {"regexp": "."}}': {"/prod/found": 7}}),
]


def access(tmp_path: Path, document: Any, *options: str, source: str = "--state") -> int:
    file = tmp_path / "given.json"
    file.write_text(json.dumps(document))
    return main(["access", source, str(file), *options])


def printed(tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Any, *options: str) -> str:
    assert access(tmp_path, document, *options) == 0
    return capsys.readouterr().out


def as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Any, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(tmp_path, capsys, document, "--format", "json", *options))
    return found


def test_the_map_says_who_reads_what_into_which_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(tmp_path, capsys, state(STACK))
    assert (found["format"], found["version"]) == ("pulumi-parameter-store/access", 1)
    role = "arn:aws:iam::123456789012:role/{}-4f2a91c".format
    (database,) = [each for each in found["parameters"] if each["name"] == "/prod/db"]
    assert database["readers"] == [
        {"identity": role("shop"), "scope": "by name"},
        {"identity": role("wide"), "scope": "below a path"},
        {"identity": role("wide"), "scope": "everything"},
    ]
    assert database["keys"] == [KEY]
    assert [(row["secret"], row["key"], row.get("property"), row.get("version")) for row in found["deliveries"]] == [
        ("team-a/db", "pinned", None, "1"),
        ("team-a/db", "user", "user", None),
        ("team-b/web", "dataFrom[0].find", None, None),
        ("team-b/web", "password", None, None),
    ]
    assert [(row["secret"], row["key"], row["parameter"][-9:], row["kind"]) for row in found["pushes"]] == [
        ("team-a/source", "k", "/prod/out", "SecureString")
    ]
    (shop, wide) = found["roles"]
    assert shop["trust"][0].endswith(":sub StringEquals system:serviceaccount:team-a:shop")
    reading = [each for each in shop["grants"] if each["action"] == "ssm:GetParameters"]
    assert [each["because"] for each in reading] == [
        ["team-a/db, pinned", "team-a/db, user"],
        ["push of team-a/source, k"],
    ]
    assert {each["scope"] for each in wide["grants"]} == {"below a path", "everything"}


def test_findings_name_what_somebody_should_look_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(tmp_path, capsys, state(STACK))
    kinds = [each["kind"] for each in found["findings"]]
    assert kinds == ["find-everywhere", "no-customer-key", "several-namespaces", "wide-grant", "wide-grant"]
    assert "team-a, team-b" in next(each["says"] for each in found["findings"] if each["kind"] == "several-namespaces")


def test_what_is_not_encrypted_and_what_nobody_owns_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Types are known of parameters that the program makes itself; tags are no secret."""
    keys = {"user": {"key": "/prod/plain"}, "tags": {"key": "/prod/plain", "metadataPolicy": "Fetch"}}
    kept = SecretPlan("kept", {**keys, "password": {"key": "/prod/sealed"}}, target={"creationPolicy": "Orphan"})
    document = state([StorePlan("shop", [kept])])
    for name, kind in (("plain", "StringList"), ("sealed", "SecureString"), ("unused", "String")):
        document["deployment"]["resources"].append(
            {
                "urn": f"urn:pulumi:dev::shop::aws:ssm/parameter:Parameter::{name}",
                "type": "aws:ssm/parameter:Parameter",
                "inputs": {"name": f"/prod/{name}", "type": kind},
                "outputs": {"arn": f"arn:aws:ssm:eu-central-1:123456789012:parameter/prod/{name}"},
            }
        )
    found = as_json(tmp_path, capsys, document)["findings"]
    told = [(each["kind"], each["where"]) for each in found if each["kind"] in ("orphan", "plain-parameter")]
    assert told == [("orphan", "ExternalSecret kept"), ("plain-parameter", "team-a/kept, user")]
    assert next(each["says"] for each in found if each["kind"] == "plain-parameter").startswith(
        "its parameter is of type StringList, which is not encrypted"
    )


def test_who_reads_for_a_secret_and_when_it_was_written_is_shown_to_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Times are of the state: no JSON holds one, as equal declarations are to give equal bytes."""
    when = "2026-11-29T02:00:00+00:00"
    document = state(
        [*STACK, StorePlan("each", [SecretPlan("all", {"k": {"key": "/all"}}, wide=["team-a", "team-b"])])]
    )
    before = printed(tmp_path, capsys, document, "--format", "json")
    for each in document["deployment"]["resources"]:
        if each["type"].endswith("dynamic/parameterstore:SecretSync"):
            each["outputs"] = {"refreshTime": when}
        elif each["type"].endswith("ClusterSecretSync"):
            each["outputs"] = {"namespaces": {"team-b": {"refreshTime": when}}}
    assert printed(tmp_path, capsys, document, "--format", "json") == before
    told = printed(tmp_path, capsys, document)
    table = told[told.index("\nSECRETS\n") :].split("\n\n")[0]
    rows = [line.split() for line in table.splitlines() if line.startswith("team-")]
    assert [(row[0], row[-1]) for row in rows] == [
        ("team-a/all", "-"),
        ("team-a/db", when),
        ("team-b/all", when),
        ("team-b/web", when),
    ]
    assert "arn:aws:iam::123456789012:role/shop-4f2a91c" in rows[1]
    assert when in printed(tmp_path, capsys, document, "--format", "html")


def test_equal_stacks_make_equal_bytes_in_any_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = state(large_stack(3, 30))
    first = printed(tmp_path, capsys, document, "--format", "json")
    listed = document["deployment"]["resources"]
    random.Random(5).shuffle(listed)  # noqa: S311
    document["deployment"]["manifest"]["time"] = "2027-01-01T00:00:00Z"
    assert printed(tmp_path, capsys, document, "--format", "json") == first


def test_a_preview_is_read_before_the_first_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names and policies are known then; ARNs of roles are not."""
    steps = []
    for each in state(STACK)["deployment"]["resources"]:
        new = {**each, "outputs": {}}
        if each["type"].endswith("Snapshot"):
            new["inputs"] = {**each["inputs"], "account": UNKNOWN, "stateId": UNKNOWN}
        steps.append({"op": "create", "urn": each["urn"], "newState": new})
    steps.append({"op": "delete", "urn": "urn:gone", "oldState": {"urn": "urn:gone", "type": "x"}})
    document = {"steps": steps, "changeSummary": {"create": len(steps)}}
    file = tmp_path / "preview.json"
    file.write_text(json.dumps(document))
    assert main(["access", "--preview", str(file), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (database,) = [each for each in found["parameters"] if each["name"] == "/prod/db"]
    assert database["arn"] == "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/db"
    assert database["readers"][0] == {"identity": "role shop, made by the store", "scope": "by name"}


def previewed(document: Any, operation: str) -> dict[str, Any]:
    """What `pulumi preview --json --show-sames` prints of a stack."""
    steps = [
        {
            "op": operation,
            "urn": each["urn"],
            "newState": {**each, "outputs": {}},
            **({} if operation == "create" else {"oldState": each}),
        }
        for each in document["deployment"]["resources"]
    ]
    return {"steps": steps, "changeSummary": {operation: len(steps)}}


@pytest.mark.parametrize("operation", ["same", "update"])
def test_a_preview_of_what_stays_is_the_map_of_the_state(
    operation: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A preview tells no outputs of it, such as a role's ARN; those of the old state go on."""
    document = state(STACK)
    (tmp_path / "preview.json").write_text(json.dumps(previewed(document, operation)))
    assert main(["access", "--preview", str(tmp_path / "preview.json"), "--format", "json"]) == 0
    assert capsys.readouterr().out == printed(tmp_path, capsys, document, "--format", "json")


def chained(*, arns: bool) -> dict[str, Any]:
    """A store with a role of a ServiceAccount and one that is assumed after it, as in a state or a first preview."""
    document = state(STACK[:1])
    listed = document["deployment"]["resources"]
    (last,) = [each for each in listed if each["type"].endswith(":Role")]
    base = json.loads(json.dumps(last).replace("shop", "shop-base"))
    last["inputs"]["assumeRolePolicy"] = json.dumps(
        {"Statement": [{"Principal": {"AWS": base["outputs"]["arn"]}, "Action": ["sts:AssumeRole"]}]}
    )
    for each in listed:
        if each["type"].endswith(("Snapshot", "SecretSync")):
            each["inputs"]["store"] = {**each["inputs"]["store"], "role": last["outputs"]["arn"]}
        if each["type"].endswith("SecretPush"):
            each["inputs"]["stores"] = {"shop": {**each["inputs"]["stores"]["shop"], "role": last["outputs"]["arn"]}}
    listed.append(base)
    if arns:
        return document
    text = json.dumps(previewed(document, "create"))
    for each in (last, base):
        text = text.replace(each["outputs"]["arn"], UNKNOWN)
    steps: dict[str, Any] = json.loads(text)
    for step in steps["steps"]:
        if step["newState"]["type"].endswith(":Role"):
            step["newState"]["inputs"]["assumeRolePolicy"] = UNKNOWN
    return steps


@pytest.mark.parametrize("arns", [True, False])
def test_of_two_created_roles_the_last_one_reads(
    *, arns: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a first preview neither ARN is known, and a trust policy that names a new OIDC provider is not either."""
    assert access(tmp_path, chained(arns=arns), "--format", "json", source="--state" if arns else "--preview") == 0
    found = json.loads(capsys.readouterr().out)
    assert not [each for each in found["findings"] if each["kind"] in ("not-granted", "unused-grant")]
    readers = {each["identity"] for row in found["parameters"] for each in row["readers"]}
    arn = "arn:aws:iam::123456789012:role/shop-4f2a91c"
    assert readers == {arn if arns else "role shop, made by the store"}


def test_what_a_push_writes_below_the_store_s_paths_is_why_it_may(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the Secret's keys tell the names, so that the role may write below the paths."""
    document = state([StorePlan("shop", pushes=["/prod/below"])])
    for each in document["deployment"]["resources"]:
        if each["type"].endswith("RolePolicy"):
            each["inputs"]["policy"] = each["inputs"]["policy"].replace("/prod/below", "/prod/*")
        if each["type"].endswith("SecretPush"):
            each["inputs"]["data"], each["inputs"]["dataTo"] = [], [{"match": {"regexp": "."}}]
    found = as_json(tmp_path, capsys, document)
    (role,) = found["roles"]
    assert {tuple(each.get("because", ())) for each in role["grants"]} == {("push of team-a/source, keys like .",)}
    assert [each.get("parameter") for each in found["pushes"]] == [None]


def test_an_external_id_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = state(STACK[:1])
    trust = {"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"sts:ExternalId": "half-a-secret"}}}
    for each in document["deployment"]["resources"]:
        if each["type"].endswith(":Role"):
            each["inputs"]["assumeRolePolicy"] = json.dumps({"Statement": [trust]})
    for form in ("json", "table", "html"):
        assert "half-a-secret" not in printed(tmp_path, capsys, document, "--format", form)


def test_a_policy_that_only_up_tells_is_said_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = state(STACK[:1])
    for each in document["deployment"]["resources"]:
        if each["type"].endswith("RolePolicy"):
            each["inputs"]["policy"] = UNKNOWN
    found = as_json(tmp_path, capsys, document)
    assert [each["kind"] for each in found["findings"]] == ["known-during-up"]
    (database, _) = found["parameters"]
    assert [each["scope"] for each in database["readers"]] == ["declared"]


def test_a_role_that_lacks_what_its_secrets_need_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = state(STACK[:1])
    for each in document["deployment"]["resources"]:
        if each["type"].endswith("RolePolicy"):
            each["inputs"]["policy"] = each["inputs"]["policy"].replace("parameter/prod/db", "parameter/prod/other")
    found = as_json(tmp_path, capsys, document)
    kinds = {each["kind"]: each["says"] for each in found["findings"]}
    assert {"not-granted", "unused-grant"} <= kinds.keys()
    (database,) = [each for each in found["parameters"] if each["name"] == "/prod/db"]
    assert "readers" not in database


def test_names_are_hidden_alike_within_one_report_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [printed(tmp_path, capsys, state(STACK), "--format", "json", "--hide-names") for _ in range(2)]
    assert texts[0] != texts[1]
    for form in ("table", "html"):
        assert "/prod" not in printed(tmp_path, capsys, state(STACK), "--hide-names", "--format", form)
    assert "/prod" not in texts[0]
    found = json.loads(texts[0])
    hidden = {each["arn"].rpartition(":")[2] for each in found["parameters"]}
    assert hidden == {each["name"] for each in found["parameters"]}
    assert {each["parameter"].rpartition(":")[2] for each in found["deliveries"]} <= hidden
    assert {each["secret"] for each in found["deliveries"]} == {"team-a/db", "team-b/web"}


def test_what_changed_is_a_text_for_a_comment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(printed(tmp_path, capsys, state(STACK[:1]), "--format", "json"))
    more = SecretPlan("db", {"user": {"key": "/prod/db", "property": "user"}, "```": {"key": "/prod/new"}})
    new.write_text(printed(tmp_path, capsys, state([StorePlan("shop", [more])]), "--format", "json"))
    assert main(["access", "--diff", str(old), str(new)]) == 0
    parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/"
    may = f"arn:aws:iam::123456789012:role/shop-4f2a91c may read {parameter}"
    assert capsys.readouterr().out.splitlines() == [
        "````diff",
        "# Who may read a parameter: 1 more, 1 fewer",
        f"- {may}out (by name)",
        f"+ {may}new (by name)",
        "# Which key of a Secret a parameter is in: 1 more, 1 fewer",
        f"- {parameter}db -> team-a/db, pinned",
        f"+ {parameter}new -> team-a/db, ```",
        "# Which parameter a Secret is pushed to: 0 more, 1 fewer",
        f"- team-a/source, k -> {parameter}out (SecureString)",
        "````",
    ]
    assert main(["access", "--diff", str(old), str(old)]) == 0
    assert capsys.readouterr().out == "No change in who may read what.\n"


def test_a_comparison_names_the_file_that_is_no_map(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text('{"format": "pulumi-parameter-store/access", "version": 1}')
    new.write_text("{}")
    assert main(["access", "--diff", str(old), str(new)]) == 1
    said = capsys.readouterr().err
    assert said == f"error: {new} is no access map; give what `access --format json` printed\n"


def test_a_comparison_fits_a_comment() -> None:
    rows = [{"arn": f"arn:aws:ssm:r::parameter/{at:05}", "readers": [{"identity": "i" * 40}]} for at in range(5000)]
    head = {"format": "pulumi-parameter-store/access", "version": 1}
    text = difference(head, {**head, "parameters": rows})
    assert 50_000 < len(text.encode()) < 65_000
    assert "more lines" in text.splitlines()[-2]


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "neither a state nor a preview"),
        ({"deployment": 3}, "neither a state nor a preview"),
        ({"deployment": {"resources": [{"urn": 3}]}}, "without URN or type"),
        ({"steps": [], "changeSummary": {"same": 2}}, "--show-sames"),
        ({"deployment": {"resources": [SNAPSHOT | {"inputs": {"store": {"region": "EU!"}}}]}}, "region"),
        ({"deployment": {"resources": [SNAPSHOT | {"inputs": {"store": {"service": "Vault"}}}]}}, "Vault"),
    ],
)
def test_what_is_no_state_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Any, says: str
) -> None:
    assert access(tmp_path, document) == 1
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert said.startswith("error: ")


def test_a_state_is_no_preview_and_a_preview_no_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = {"--state": state(STACK), "--preview": previewed(state(STACK), "create")}
    for option, other in (("--state", "--preview"), ("--preview", "--state")):
        assert access(tmp_path, kinds[other], source=option) == 1
        assert capsys.readouterr().err.endswith(f"does not print; give it with {other}\n")


@pytest.mark.parametrize("command", ["access", "cost"])
def test_without_pulumi_a_report_names_the_option_that_it_takes(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert main([command]) == 1
    told = "error: there is no `pulumi` on PATH; install it, or give the state with --state FILE\n"
    assert capsys.readouterr().err == told


def test_maps_that_cannot_be_compared_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {}
    for name, options in {"plain": (), "hidden": ("--hide-names",)}.items():
        files[name] = tmp_path / name
        files[name].write_text(printed(tmp_path, capsys, state(STACK), "--format", "json", *options))
    files["later"] = tmp_path / "later"
    files["later"].write_text(files["plain"].read_text().replace('"version": 1,', '"version": 2,', 1))
    for other, says in {"hidden": "--hide-names", "later": "version 2"}.items():
        assert main(["access", "--diff", str(files["plain"]), str(files[other])]) == 1
        assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("access --diff a b --state s", "--state has no effect with --diff"),
        ("access --diff a b --hide-names", "--hide-names has no effect with --diff"),
        ("access --diff a b --format json", "--format has no effect with --diff"),
        ("access --state s --stack dev", "--stack has no effect with --state"),
        ("cost --preview s --cwd x", "--cwd has no effect with --preview"),
        ("access --context c", "--context has no effect without --who-can-read"),
        ("access --runs 3", "--runs has no effect without --format html"),
        ("access --format json --prices p", "--prices has no effect without --format html"),
        ("access --state a --preview b", "not allowed with argument"),
    ],
)
def test_an_option_without_effect_is_refused(line: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("bag", "identity"),
    [
        ({"role": "arn:aws:iam::210987654321:role/given"}, "arn:aws:iam::210987654321:role/given"),
        ({"additionalRoles": ["a", "arn:aws:iam::210987654321:role/hop"]}, "arn:aws:iam::210987654321:role/hop"),
        ({"podIdentityRole": "arn:aws:iam::210987654321:role/pod"}, "arn:aws:iam::210987654321:role/pod"),
        ({"aws": {"roles": [{"roleArn": "arn:aws:iam::210987654321:role/run"}]}}, "arn:aws:iam::210987654321:role/run"),
        ({"aws": {"profile": "prod"}}, "the identity that runs Pulumi, by profile prod"),
        ({"secretRef": {"accessKeyIDSecretRef": {"namespace": "n", "name": "k"}}}, "the access key in Secret n/k"),
        ({"serviceAccountRef": {"namespace": "n", "name": "sa"}}, "the role of ServiceAccount n/sa"),
        ({}, "the identity that runs Pulumi"),
    ],
)
def test_an_identity_that_the_store_does_not_create_is_named(
    bag: dict[str, Any], identity: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = state([StorePlan("shop", [DB], created=False)])
    for each in document["deployment"]["resources"]:
        if each["type"].endswith(("Snapshot", "SecretSync")):
            each["inputs"]["store"] = {"region": "eu-central-1", **bag}
            each["inputs"].pop("account", None)
    found = as_json(tmp_path, capsys, document)
    (database,) = found["parameters"]
    assert database["readers"] == [{"identity": identity, "scope": "declared"}]
    account = "210987654321" if "210987654321" in identity else ""
    assert database["arn"] == f"arn:aws:ssm:eu-central-1:{account}:parameter/prod/db"


def test_a_stack_without_stores_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(tmp_path, capsys, {"version": 3, "deployment": {}}) == (
        "The stack has no stores, ExternalSecrets or PushSecrets.\n"
    )


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a document, as what holds it and where in that."""
    listed = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [(value, key) for key, _ in listed] + [place for _, each in listed for place in places(each)]


JUNK = st.sampled_from([None, True, 3, 1.5, "", "x", UNKNOWN, "find {", "tags of ", [], [3], {}, {"a": 1}, "\ud800"])


LIKE = {"replicationLocations": ["eu-west-1"], "tags": {"a": "b"}, "tier": {"type": "Advanced"}, "kmsKeyID": KEY}
EVERYTHING = [
    *STACK,
    StorePlan(
        "vault",
        [
            SecretPlan(
                "kept",
                {"a": {"key": "s", "version": "AWSPREVIOUS"}},
                [{"path": "s", "name": {"regexp": "."}}],
                wide=["team-a", "team-b"],
            )
        ],
        [PushPlan("out", LIKE, {"refresh": {"interval": "1h"}}, "a.b"), PushPlan("each", wide=["team-a", "team-b"])],
        kind=MANAGER,
        batches=True,
        rate=1000.0,
    ),
]


@given(st.integers(0, 10**6), JUNK)
def test_whatever_stands_in_a_state_there_is_no_traceback(at: int, junk: Any) -> None:
    document = json.loads(json.dumps(state(EVERYTHING)))
    listed = places(document)
    holder, key = listed[at % len(listed)]
    holder[key] = junk
    try:
        declared = declared_in(resources_of(document, "the state"))
        found = with_findings(access_map(declared))
        costs = estimate(declared, Assumed(runs=10), PRICES)
    except SpecError:
        return
    assert cost_report.printed(costs)
    assert json.dumps(cost_report.to_json(costs))
    for each in (found, hide_names(found, b"salt")):
        document = to_json(each)
        assert page("t", "s", "v", tables(each), document).encode()
        assert json.loads(text_of(document)) == json.loads(json.dumps(document))
        assert printed_lines(each)


@pytest.mark.parametrize("dependencies", [3, True, "urn", {"a": 3}])
def test_dependencies_of_another_form_are_none(
    dependencies: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = state(STACK)
    expected = printed(tmp_path, capsys, document)
    for each in document["deployment"]["resources"]:
        each["dependencies"] = each["propertyDependencies"] = dependencies
    assert printed(tmp_path, capsys, document) == expected


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_what_powershell_wrote_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    (tmp_path / "state.json").write_bytes(f"{mark}{json.dumps(state(STACK))}".encode(encoding))
    assert main(["access", "--state", str(tmp_path / "state.json")]) == 0
    assert "/prod/db" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["access"], ["access", "--format", "html"], ["cost"]])
def test_a_state_that_is_nested_without_end_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    document = state(STACK)
    document["deployment"]["resources"][0]["inputs"]["deep"] = "HERE"
    text = json.dumps(document).replace('"HERE"', '{"a":' * 600 + "1" + "}" * 600)
    (tmp_path / "state.json").write_text(text)
    assert main([*command, "--state", str(tmp_path / "state.json")]) == 1
    told = capsys.readouterr().err
    assert told == "error: what was given is nested more deeply than anything that Pulumi prints\n"


def test_a_state_may_be_longer_than_any_outputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state.json").write_text(json.dumps(state(STACK)) + " " * 65_000_000)
    assert main(["access", "--state", str(tmp_path / "state.json")]) == 0
    assert "/prod/db" in capsys.readouterr().out
