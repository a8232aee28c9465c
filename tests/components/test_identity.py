"""What a store declares of its identity: trust, names and looks of roles, for every way to name the cluster."""

import json
from functools import partial
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest
from pulumi.runtime import mocks

from components.external_secret import ExternalSecret
from components.parameter_store import (
    AssumedRole,
    Cluster,
    InvalidArgumentsError,
    NewRole,
    PodIdentityAuth,
    SecretStore,
    ServiceAccountAuth,
)
from tests.components.support import Engine, declare

ISSUER = "oidc.eks.eu-central-1.amazonaws.com/id/X"
CALLER = "arn:aws-cn:sts::123456789012:assumed-role/ci/run"


class Cloud(Engine):
    """Answers what the AWS provider would, in China."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        id_, outputs = super().new_resource(args)
        computed: dict[str, Any] = {}
        if args.typ == "aws:iam/role:Role":
            computed = {"name": args.name, "arn": f"arn:aws-cn:iam::123456789012:role/{args.name}"}
        if args.typ == "aws:eks/cluster:Cluster":
            arn = "arn:aws-cn:eks:cn-north-1:123456789012:cluster/made"
            computed = {"name": "made", "arn": arn, "identities": [{"oidcs": [{"issuer": f"https://{ISSUER}"}]}]}
        if args.typ == "aws:iam/openIdConnectProvider:OpenIdConnectProvider":
            computed = {"arn": f"arn:aws-cn:iam::123456789012:oidc-provider/{ISSUER}"}
        return id_, {**outputs, **computed}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        answers = {
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "123456789012", "arn": CALLER},
            "aws:index/getPartition:getPartition": {"partition": "aws-cn"},
            "aws:iam/getSessionContext:getSessionContext": {"issuerArn": "arn:aws-cn:iam::123456789012:role/deploy/ci"},
        }
        return answers[args.token], []


def store(name: str = "s", **given: Any) -> None:
    made = SecretStore(name, namespace="team-a", region="cn-north-1", **given)
    ExternalSecret("db", store=made, data={"user": "/app/db"})


def trust_of(cloud: Engine, role: str = "s") -> dict[str, Any]:
    (statement,) = json.loads(cloud.registered["Role", role]["assumeRolePolicy"])["Statement"]
    return dict(statement)


def oidc_provider(kind: str) -> Any:
    role = "arn:aws-cn:iam::123456789012:role/eks"
    match kind:
        case "ARN":
            return f"arn:aws-cn:iam::123456789012:oidc-provider/{ISSUER}"
        case "URL":
            return f"https://{ISSUER}"
        case "Output":
            return pulumi.Output.from_input(f"https://{ISSUER}/")
        case "provider":
            return aws.iam.OpenIdConnectProvider("p", url=f"https://{ISSUER}", client_id_lists=["sts.amazonaws.com"])
        case _:
            return aws.eks.Cluster("c", role_arn=role, vpc_config={"subnet_ids": ["subnet-1"]})


@pytest.mark.parametrize("kind", ["ARN", "URL", "Output", "provider", "cluster"])
def test_the_clusters_provider_is_named_in_any_way(kind: str) -> None:
    cloud = declare(lambda: store(auth=ServiceAccountAuth(oidc_provider=oidc_provider(kind))), engine=Cloud())
    statement = trust_of(cloud)
    assert statement["Principal"] == {"Federated": f"arn:aws-cn:iam::123456789012:oidc-provider/{ISSUER}"}
    assert statement["Condition"] == {
        "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com", f"{ISSUER}:sub": "system:serviceaccount:team-a:s"}
    }
    account = cloud.registered["ServiceAccount", "s"]
    assert account["metadata"] == {
        "name": "s",
        "namespace": "team-a",
        "annotations": {"eks.amazonaws.com/role-arn": "arn:aws-cn:iam::123456789012:role/s"},
    }
    assert cloud.registered["Snapshot", "s"]["store"]["serviceAccountRef"] == {"namespace": "team-a", "name": "s"}
    assert cloud.registered["Snapshot", "s"]["role"] == "arn:aws-cn:iam::123456789012:role/s"
    assert cloud.registered["SecretSync", "db"]["storeName"] == "s"


def test_a_snapshot_names_a_role_once() -> None:
    """Where the bag says which role reads, nothing else does; and where the store creates none, nothing."""
    auth = ServiceAccountAuth(oidc_provider=f"https://{ISSUER}")
    cases: list[dict[str, Any]] = [
        {"auth": auth, "role": AssumedRole()},
        {"role": "arn:aws-cn:iam::123456789012:role/given"},
        {},
    ]
    for given in cases:
        cloud = declare(partial(store, **given), engine=Cloud())
        assert "role" not in cloud.registered["Snapshot", "s"]


class Placed(Cloud):
    """Keeps which provider the ServiceAccount is made by."""

    made_by = ""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        if args.typ == "kubernetes:core/v1:ServiceAccount":
            self.made_by = args.provider or ""
        return super().new_resource(args)


@pytest.mark.parametrize("inherited", [False, True])
def test_the_service_account_is_made_in_the_cluster_that_the_store_names(*, inherited: bool) -> None:
    """A provider in the store's options went before its `cluster`, from which the token is then asked."""

    def program() -> None:
        opts = pulumi.ResourceOptions(provider=k8s.Provider("other", context="other"))
        if inherited:
            opts = pulumi.ResourceOptions(parent=pulumi.ComponentResource("test:index:Team", "t", {}, opts))
        auth = ServiceAccountAuth(oidc_provider=f"https://{ISSUER}")
        SecretStore("s", namespace="team-a", region="cn-north-1", auth=auth, cluster=Cluster(context="own"), opts=opts)

    cloud = declare(program, engine=(placed := Placed()))
    assert "::s::" in placed.made_by
    assert cloud.registered["kubernetes", "s"]["context"] == "own"
    assert cloud.registered["Snapshot", "s"]["store"]["cluster"] == {"context": "own"}


@pytest.mark.parametrize("change", [{"context": "guarded"}, {"context": None}, {"cluster": "guarded"}])
def test_a_transformation_does_not_move_the_service_account(change: dict[str, str | None]) -> None:
    def guard(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != "pulumi:providers:kubernetes":
            return None
        return pulumi.ResourceTransformationResult({**args.props, **change}, args.opts)

    def program() -> None:
        auth = ServiceAccountAuth(oidc_provider=f"https://{ISSUER}")
        opts = pulumi.ResourceOptions(transformations=[guard])
        SecretStore("s", namespace="team-a", region="cn-north-1", auth=auth, cluster=Cluster(context="own"), opts=opts)

    with pytest.raises(InvalidArgumentsError, match="store 's': a transformation changed the Kubernetes provider"):
        declare(program, engine=Cloud())


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("change", [{"context": "moved"}, {"cluster": "moved"}, {"kubeconfig": "other.yaml"}])
def test_a_transform_of_the_engine_does_not_move_the_service_account(
    change: dict[str, str], *, own: bool, preview: bool
) -> None:
    """Nor where the provider of the store's `cluster` is the library's own."""

    class Transforming(Cloud):
        def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
            made, state = super().new_resource(args)
            if args.typ == "pulumi:providers:kubernetes":
                state = {**state, **change}
            return made, state

    def program() -> None:
        auth = ServiceAccountAuth(oidc_provider=f"https://{ISSUER}")
        cluster = Cluster(context="own") if own else k8s.Provider("s", context="own")
        SecretStore("s", namespace="team-a", region="cn-north-1", auth=auth, cluster=cluster)

    cloud = Transforming()
    words = f"store 's': a transform or ignore_changes changed {next(iter(change))} of the kubernetes provider 's'"
    with pytest.raises(InvalidArgumentsError, match=words):
        declare(program, engine=cloud, preview=preview)
    assert ("ServiceAccount", "s") not in cloud.registered


@pytest.mark.parametrize("kind", ["name", "cluster"])
def test_an_association_is_of_one_cluster(kind: str) -> None:
    def program() -> None:
        store(auth=PodIdentityAuth("made" if kind == "name" else oidc_provider("cluster"), "runner", namespace="ci"))

    cloud = declare(program, engine=Cloud())
    arn = "arn:aws-cn:eks:cn-north-1:123456789012:cluster/made"
    assert trust_of(cloud)["Condition"]["ArnEquals"] == {"aws:SourceArn": arn}
    association = cloud.registered["PodIdentityAssociation", "s"]
    assert (association["clusterName"], association["namespace"], association["serviceAccount"]) == (
        "made",
        "ci",
        "runner",
    )


def test_whoever_runs_pulumi_may_take_the_role_by_its_own_role() -> None:
    cloud = declare(lambda: store(role=AssumedRole()), engine=Cloud())
    assert trust_of(cloud)["Principal"] == {"AWS": ["arn:aws-cn:iam::123456789012:role/deploy/ci"]}


def test_principals_are_those_that_are_given() -> None:
    principal = "arn:aws-cn:iam::999999999999:role/other"
    cloud = declare(lambda: store(role=AssumedRole([principal]), external_id="ext"), engine=Cloud())
    assert trust_of(cloud)["Principal"] == {"AWS": [principal]}
    assert trust_of(cloud)["Condition"] == {"StringEquals": {"sts:ExternalId": "ext"}}


def test_the_last_of_the_additional_roles_stands_before_it() -> None:
    hops = [f"arn:aws-cn:iam::123456789012:role/{name}" for name in ("one", "two")]
    cloud = declare(lambda: store(role=AssumedRole(), additional_roles=hops), engine=Cloud())
    assert trust_of(cloud)["Principal"] == {"AWS": [hops[1]]}


def test_a_base_role_on_the_way_to_a_given_one_may_only_take_that() -> None:
    role = "arn:aws-cn:iam::999999999999:role/reader"
    auth = ServiceAccountAuth(oidc_provider=f"https://{ISSUER}")
    cloud = declare(lambda: store(auth=auth, role=role, session_tags={"team": "a"}), engine=Cloud())
    (statement,) = json.loads(cloud.registered["RolePolicy", "s"]["policy"])["Statement"]
    assert statement == {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": [role]}


def test_policies_are_of_the_partition() -> None:
    cloud = declare(lambda: store(role=AssumedRole()), engine=Cloud())
    (statement,) = json.loads(cloud.registered["RolePolicy", "s"]["policy"])["Statement"]
    assert statement["Resource"] == ["arn:aws-cn:ssm:cn-north-1:123456789012:parameter/app/db"]


def test_a_role_looks_as_it_is_told_to() -> None:
    boundary = "arn:aws-cn:iam::123456789012:policy/bound"
    looks = NewRole("reader", "/team-a/", boundary, {"team": "a"}, max_session_duration=7200)
    role = declare(lambda: store(role=AssumedRole(role=looks)), engine=Cloud()).registered["Role", "s"]
    assert {key: role[key] for key in role if key != "assumeRolePolicy"} == {
        "name": "reader",
        "path": "/team-a/",
        "permissionsBoundary": boundary,
        "tags": {"team": "a"},
        "maxSessionDuration": 7200,
    }


def test_long_names_are_shortened_and_stay_apart() -> None:
    def roles() -> None:
        for end in "ab":
            SecretStore(f"{'x' * 80}{end}", namespace="n", region="cn-north-1", role=AssumedRole())

    names = [name for kind, name in declare(roles, engine=Cloud()).registered if kind == "Role"]
    assert len(set(names)) == 2
    assert all(len(name) <= 56 for name in names)


def test_without_an_identity_to_create_nothing_is_asked_and_nothing_made() -> None:
    cloud = declare(lambda: store(role="arn:aws-cn:iam::123456789012:role/r"))
    assert {kind for kind, _ in cloud.registered} & {"Role", "RolePolicy", "ServiceAccount"} == set()


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"auth": ServiceAccountAuth()}, "name the service_account to read as"),
        ({"external_id": "ext"}, "external_id and session_tags are for `role`"),
        ({"transitive_tag_keys": ["x"], "role": AssumedRole()}, "transitive_tag_keys"),
        ({"additional_roles": ["reader"]}, "additional_roles: 'reader' is not a role's ARN"),
        ({"paths": ["/"]}, "allow_all_parameters"),
    ],
)
def test_what_can_never_work_is_said_at_once(given: dict[str, Any], error: str) -> None:
    with pytest.raises(InvalidArgumentsError) as raised:
        declare(lambda: store(**given), engine=Cloud())
    assert error in str(raised.value)


@pytest.mark.parametrize(
    ("looks", "error"),
    [
        ({"name": "team a"}, "role.name: 'team a' is not allowed; write up to 64 letters"),
        ({"name": "x" * 65}, "is not allowed; write up to 64 letters"),
        ({"name": "rôle"}, "is not allowed; write up to 64 letters"),
        ({"name": "path/role"}, "is not allowed; write up to 64 letters"),
        ({"path": "team-a"}, "role.path: 'team-a' is not allowed; write a path such as '/team-a/'"),
        ({"path": "/team-a"}, "with '/' at both ends"),
        ({"path": "/*/"}, "with '/' at both ends"),
        ({"path": "/${aws:username}/"}, "with '/' at both ends"),
        ({"path": "/a//b/"}, "with '/' at both ends"),
        ({"path": f"/{'x' * 511}/"}, "up to 512"),
        ({"path": ""}, "role.path is empty"),
        ({"permissions_boundary": "bound"}, "role.permissions_boundary: 'bound' is not allowed; write the ARN of a"),
        ({"permissions_boundary": "arn:aws:iam::123456789012:role/bound"}, "write the ARN of a managed policy"),
        ({"permissions_boundary": "arn:aws:iam::123456789012:policy/*"}, "write the ARN of a managed policy"),
        ({"tags": {"aws:team": "a"}}, "and not 'aws:' at the beginning"),
        ({"tags": {"AWS:team": "a"}}, "and not 'aws:' at the beginning"),
        ({"tags": {"x" * 129: "a"}}, "up to 128 letters"),
        ({"tags": {"a*": "a"}}, "role.tags: 'a*' is not allowed"),
        ({"tags": {"": "a"}}, "role.tags is empty"),
        ({"tags": {"a": "x" * 257}}, "up to 256 letters"),
        ({"tags": {"a": "50%"}}, "role.tags['a']: '50%' is not allowed"),
        ({"tags": {"Team": "a", "team": "b"}}, "role.tags: 'Team' and 'team' are one key for IAM"),
        ({"tags": {str(at): "" for at in range(51)}}, "role.tags: a role has up to 50 tags, not 51"),
        ({"max_session_duration": 43201}, "a number from 3,600 to 43,200"),
    ],
    ids=str,
)
def test_a_role_that_iam_would_refuse_is_refused_at_once(looks: dict[str, Any], error: str) -> None:
    made = NewRole(**looks)
    for given in (
        {"role": AssumedRole(role=made)},
        {"auth": ServiceAccountAuth(oidc_provider=f"https://{ISSUER}", role=made)},
        {"auth": PodIdentityAuth("main", "runner", role=made)},
    ):
        with pytest.raises(InvalidArgumentsError) as raised:
            declare(lambda given=given: store(**given), engine=Cloud())  # type: ignore[misc]
        assert error in str(raised.value)
        assert "\n" not in str(raised.value)


def test_what_a_role_is_given_as_an_output_is_held_to_the_same() -> None:
    for looks in ({"name": "team a"}, {"path": "/*/"}, {"permissions_boundary": "x"}, {"tags": {"a": "50%"}}):
        later: dict[str, Any] = {
            key: {name: pulumi.Output.from_input(text) for name, text in each.items()}
            if isinstance(each, dict)
            else pulumi.Output.from_input(each)
            for key, each in looks.items()
        }
        with pytest.raises(InvalidArgumentsError, match="is not allowed; write"):
            declare(lambda later=later: store(role=AssumedRole(role=NewRole(**later))), engine=Cloud())  # type: ignore[misc]


def test_what_iam_takes_is_taken() -> None:
    looks = NewRole(
        "A_z0+=,.@-".ljust(64, "x"),
        "/team-a/sub/",
        "arn:aws-us-gov:iam::aws:policy/service-role/Some+Policy",
        {"team a": "", "größe": "a b:c/d=e+f-g@h"},
    )
    assert declare(lambda: store(role=AssumedRole(role=looks)), engine=Cloud()).registered["Role", "s"]["path"] == (
        "/team-a/sub/"
    )


@pytest.mark.parametrize(
    ("name", "given", "error"),
    [
        ("team a", {"role": AssumedRole()}, "role and policies, which are named after it"),
        ("team/a", {"role": AssumedRole(role=NewRole("reader"))}, "role and policies, which are named after it"),
        ("grün", {"auth": PodIdentityAuth("main", "runner")}, "role and policies, which are named after it"),
        ("Team", {"auth": ServiceAccountAuth(oidc_provider=f"https://{ISSUER}")}, "give the service_account its name"),
    ],
)
def test_a_store_that_nothing_can_be_named_after_creates_nothing(name: str, given: dict[str, Any], error: str) -> None:
    with pytest.raises(InvalidArgumentsError) as raised:
        declare(lambda: store(name, **given), engine=Cloud())
    assert str(raised.value).startswith(f"SecretStore {name!r}: ")
    assert error in str(raised.value)


def test_the_name_of_a_store_that_creates_nothing_is_free() -> None:
    declare(lambda: store("team a"), engine=Cloud())
    declare(lambda: store("Team", auth=ServiceAccountAuth("reader", oidc_provider=f"https://{ISSUER}")), engine=Cloud())
