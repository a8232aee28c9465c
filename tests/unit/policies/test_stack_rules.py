"""Rules for all resources of a stack together: rights to push, grants, ServiceAccounts and cost."""

import json
from typing import Any

import pytest

from policies.rules.resource import PARAMETER, SECRET_PUSH, SNAPSHOT, Resource, Unknown
from tests.unit.policies.support import found, policy, resource, said

STORE = resource("parameterstore:index:SecretStore", {}, "team-a")
ARN = "arn:aws:ssm:eu-central-1:123456789012:parameter"
PUT = {"Action": ["ssm:PutParameter"], "Resource": f"{ARN}/out"}


def below(store: Resource, type_: str, props: dict[str, Any], name: str = "one") -> Resource:
    return resource(type_, props, name, parent=store.urn)


def granted(*statements: dict[str, Any]) -> Resource:
    return below(STORE, "aws:iam/rolePolicy:RolePolicy", {"policy": policy(*statements).props["policy"]})


def snapshot(*references: str, **props: Any) -> Resource:
    return below(STORE, SNAPSHOT, {"references": list(references), **props})


def push(*names: str, **props: Any) -> Resource:
    data = [{"remoteKey": name} for name in names]
    return resource(SECRET_PUSH, {"stores": {"team-a": {}}, "data": data, **props})


READS = {"Action": ["ssm:GetParameters"], "Resource": [f"{ARN}/a", f"{ARN}/b"]}


def test_who_pushes_may_write() -> None:
    assert said("push-rights", STORE, granted(PUT), push("/out")) == []
    (message,) = said("push-rights", STORE, granted(PUT))
    assert message.startswith("policy, statement 1: ssm:PutParameter is granted, and no PushSecret writes through it")
    other = resource("parameterstore:index:SecretStore", {}, "other")
    assert said("push-rights", STORE, other, granted(PUT), push("/out", stores={"other": {}}))


@pytest.mark.parametrize(
    ("statement", "wrong"),
    [
        ({"Action": "ssm:*", "Resource": "*"}, True),
        ({"Action": "secretsmanager:PutSecretValue", "Resource": "arn:aws:secretsmanager:x:1:secret:db"}, True),
        ({"Action": "ssm:Delete*", "Resource": f"{ARN}/a"}, True),
        ({"NotAction": "iam:*", "NotResource": f"{ARN}/a"}, True),
        ({"Action": "*", "Resource": "arn:aws:s3:::shop"}, False),
        ({"Effect": "Deny", **PUT}, False),
        (READS, False),
    ],
)
def test_others_may_not(statement: dict[str, Any], *, wrong: bool) -> None:
    given = policy(statement)
    findings = found("push-rights", given)
    assert bool(findings) is wrong
    assert {each.urn for each in findings if not isinstance(each, Unknown)} <= {given.urn}
    assert said("push-rights", given, allow=["one"]) == []


def test_all_that_is_read_is_granted_and_nothing_else() -> None:
    assert said("covered", STORE, granted(READS), snapshot("/a", "/b:3", "tags of /c", 'find {"path": "/d"}')) == []
    assert said("covered", STORE, granted(READS), snapshot("/a", "b", f"parameter {ARN}/a:1")) == []
    (lacking,) = said("covered", STORE, granted(READS), snapshot("/a", "/b", "/c"))
    assert lacking.startswith("there is 1 parameter that its Secrets read and that its role may not read")
    (idle,) = said("covered", STORE, granted(READS), snapshot("/a"))
    assert idle.startswith("there is 1 parameter that its role may read and that none of its Secrets reads")


def test_what_a_push_compares_may_be_read() -> None:
    assert said("covered", STORE, granted(READS), snapshot("/a"), push("/b")) == []
    assert said("covered", STORE, granted(READS), snapshot("/a"), push("b", prefixes={"team-a": "/"})) == []
    assert said("covered", STORE, granted(READS), snapshot("/a"), push(dataTo=[{}])) == []
    assert said("covered", STORE, granted(READS), snapshot("/a"), push("/b", stores={"other": {}}))


def test_a_path_that_is_granted_covers_what_is_below_it() -> None:
    wide = {"Action": "ssm:GetParameters", "Resource": [f"{ARN}/a/*", f"{ARN}/c"]}
    assert said("covered", STORE, granted(wide), snapshot("/a/b", "/a/c/d", "/c")) == []
    assert said("covered", STORE, granted(wide), snapshot("/c")) == []
    assert len(said("covered", STORE, granted(wide), snapshot("/ab", "/c"))) == 1


def test_what_others_attach_to_the_role_counts() -> None:
    role = below(STORE, "aws:iam/role:Role", {"name": "team-a-1"})
    document = granted(READS).props["policy"]
    inline = resource("aws:iam/rolePolicy:RolePolicy", {"role": "team-a-1", "policy": document})
    managed = resource("aws:iam/policy:Policy", {"arn": "arn:p", "policy": document})
    attachment = resource(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"role": "team-a-1", "policyArn": "arn:p"}
    )
    for others in ([inline], [managed, attachment]):
        (idle,) = said("covered", STORE, role, *others, snapshot("/a"))
        assert idle.startswith("there is 1 parameter that its role may read")
    assert said("covered", STORE, role, managed, snapshot("/a")) == []


def test_a_store_without_a_role_of_its_own_is_left_alone() -> None:
    alone = resource("aws:iam/rolePolicy:RolePolicy", {"policy": granted(READS).props["policy"]})
    assert said("covered", STORE, alone, snapshot("/z")) == []
    assert said("covered", STORE, below(STORE, "aws:iam/role:Role", {}), snapshot("/z")) == []


def test_each_service_account_has_a_role_of_its_own() -> None:
    store = {"serviceAccountRef": {"namespace": "a", "name": "app"}}

    def account(name: str, annotations: Any, in_program: str = "sa") -> Resource:
        metadata = {"namespace": "a", "name": name, "annotations": annotations}
        return resource("kubernetes:core/v1:ServiceAccount", {"metadata": metadata}, in_program)

    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/a"}
    assert said("service-account-role", snapshot(store=store), account("app", role)) == []
    assert said("service-account-role", snapshot(store=store), account("other", {})) == []
    assert said("service-account-role", snapshot(store=store), account("app", None))
    assert said("service-account-role", account("x", role), account("y", role, "z"))
    assert said("service-account-role", account("x", role), account("y", role, "z"), allow=["z"]) == []
    new = {"eks.amazonaws.com/role-arn": Unknown(("metadata",))}
    assert said("service-account-role", snapshot(store=store), account("app", new), account("y", new)) == []


def test_cost_is_told_above_what_is_configured() -> None:
    names = [f"/{number}" for number in range(1_000)]
    parameters = [resource(PARAMETER, {"tier": "Advanced"})] * 20
    pushes = push(dataTo=[{"metadata": {"tier": {"type": "Advanced"}}}])
    assert said("cost", snapshot(*names), *parameters) == []
    (message,) = said("cost", snapshot(*names), *parameters, pushes, dollarsPerMonth=1)
    assert message.startswith("up to $1.05 a month for 21 advanced parameters and 0 paid calls")
    (message,) = said("cost", snapshot(*names), callsPerMonth=1_000, runsPerMonth=10)
    assert message.startswith("up to 3000 calls to AWS a month")
    assert any("higher throughput" in each for each in said("cost", snapshot("/a", requestsPerSecond=100.0)))
    assert said("cost", snapshot("/a", requestsPerSecond=40.0)) == []


@pytest.mark.parametrize(
    ("rule", "resources"),
    [
        ("covered", [granted(READS), snapshot(references=Unknown(("references",)))]),
        ("covered", [below(STORE, "aws:iam/policy:Policy", {"policy": Unknown(("policy",))}), snapshot("/a")]),
        ("push-rights", [resource("aws:iam/policy:Policy", {"policy": Unknown(("policy",))})]),
        ("push-rights", [granted(PUT), resource(SECRET_PUSH, {"stores": Unknown(("stores",))})]),
        ("cost", [snapshot(references=Unknown(("references",)))]),
        ("service-account-role", [resource("kubernetes:core/v1:ServiceAccount", {"metadata": Unknown(("metadata",))})]),
    ],
)
def test_what_a_rule_would_have_to_know_is_told_as_such(rule: str, resources: list[Resource]) -> None:
    assert [type(each) for each in found(rule, STORE, *resources)] == [Unknown]


def test_an_inline_policy_counts() -> None:
    inline = [{"name": "x", "policy": json.dumps({"Statement": [{"Effect": "Allow", **READS}]})}]
    given = below(STORE, "aws:iam/role:Role", {"inlinePolicies": inline})
    assert said("covered", STORE, given, snapshot("/a", "/b")) == []
