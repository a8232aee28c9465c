"""A store whose ServiceAccount takes a role: TokenRequest, AWS's checks of token and trust, and refusals."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from components.clients.kubernetes.cluster_errors import ForbiddenError, NotFoundError
from components.core.spec.specs import Operation
from components.core.spec.store_identity import StoreIdentity
from components.core.spec.store_specs import ClusterSpec, ServiceAccountAuth, StoreSpec
from components.errors import IdentityError, ParameterStoreError
from components.providers.operation.process import forget, process_memory
from sandbox.aws import AwsApi
from sandbox.kubernetes import KubernetesApi, Rule, User
from tests.sandbox.kubernetes_api.support import connected
from tests.support.roles import create_role, document
from tests.unit.aws_session.support import ACCOUNT, REGION

ISSUER = "https://oidc.example.com/id/A"
HOST = ISSUER.removeprefix("https://")
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
IRSA = f"arn:aws:iam::{ACCOUNT}:role/irsa"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/irsa/pulumi-parameter-store"
AUDIENCE = "sts.amazonaws.com"
ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"
AUDIENCE_ANNOTATION = "eks.amazonaws.com/audience"
READS = "this statement allows it: "


def trust(name: str = "reader", namespace: str = "team-a", audience: str = AUDIENCE) -> dict[str, Any]:
    """The statement that lets one ServiceAccount in."""
    equal = {f"{HOST}:aud": audience, f"{HOST}:sub": f"system:serviceaccount:{namespace}:{name}"}
    return {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
        "Condition": {"StringEquals": equal},
    }


@dataclass(frozen=True)
class World:
    """AWS that trusts the cluster's ServiceAccount `team-a/reader`, and the cluster."""

    aws: AwsApi
    kubernetes: KubernetesApi
    store: StoreSpec

    def account(self, annotations: dict[str, str] | None = None) -> None:
        """Create the ServiceAccount; by default with the role's annotation."""
        body = {"metadata": {"name": "reader", "annotations": annotations or {ROLE_ANNOTATION: IRSA}}}
        with connected(self.kubernetes) as client:
            assert client.send("POST", "/api/v1/namespaces/team-a/serviceaccounts", body).status == 201

    def accept(self, audience: str) -> None:
        """Make an OIDC provider of the cluster, in place of any there is, that lists one audience."""
        iam = self.aws.client("iam")
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
        iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=[audience], ThumbprintList=["a" * 40])

    def read(self, store: StoreSpec | None = None, **operation: Any) -> str:
        """Read `/app/db` as a dynamic resource does."""
        forget()
        memory = process_memory().store(store or self.store, Operation(preview=False, decrypt=True, **operation))
        memory.read(["/app/db"], decrypt=True)
        assert memory.seen.problems == {}
        return memory.values(memory.seen.versions)["/app/db"].reveal()

    def refusal(self, store: StoreSpec | None = None, kind: type[ParameterStoreError] = IdentityError) -> str:
        with pytest.raises(kind) as raised:
            self.read(store)
        assert "\n" not in str(raised.value)
        return str(raised.value)


@pytest.fixture
def cluster_time() -> timedelta:
    """How far the cluster's clock is ahead of AWS's."""
    return timedelta()


@pytest.fixture
def world(aws: AwsApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster_time: timedelta) -> Iterator[World]:
    for name, value in aws.environment().items():
        if name.endswith("_ENDPOINT"):
            monkeypatch.setenv(name, value)
    with KubernetesApi(
        namespaces=["team-a", "team-b"],
        issuer=ISSUER,
        now=lambda: datetime.now(UTC) + cluster_time,
        users={"weak": User("weak")},
    ) as kubernetes:
        aws.publish_keys(ISSUER, kubernetes.jwks)
        create_role(aws, "irsa", trust=trust())
        aws.put_parameter("/app/db", "canary-value")
        kubeconfig = kubernetes.kubeconfig(tmp_path / "kubeconfig")
        account = ServiceAccountAuth("reader", "team-a")
        cluster = ClusterSpec(kubeconfig=str(kubeconfig))
        kubernetes.clear_calls()
        made = World(aws, kubernetes, StoreSpec(StoreIdentity(REGION), service_account=account, cluster=cluster))
        made.accept(AUDIENCE)
        aws.clear_calls()
        yield made
    forget()


def allowing(text: str, start: str = "This statement in the role's trust policy allows it: ") -> dict[str, Any]:
    """The statement that an error offers."""
    found, _ = json.JSONDecoder().raw_decode(text.partition(start)[2])
    assert isinstance(found, dict)
    return found


def test_the_service_account_reads_with_one_token_and_one_call(world: World) -> None:
    world.account()
    world.kubernetes.clear_calls()

    assert world.read() == "canary-value"

    calls = [(call.operation, call.principal.rpartition(":")[2]) for call in world.aws.calls]
    assert [operation for operation, _ in calls] == ["AssumeRoleWithWebIdentity", "GetParameters"]
    assert calls[1][1] == "assumed-role/irsa/pulumi-parameter-store"
    assert [(call.verb, call.name) for call in world.kubernetes.calls] == [("get", "reader"), ("create", "reader")]


def test_then_additional_roles_and_the_role_are_assumed_by_it(world: World) -> None:
    world.account()
    named = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": IRSA}}
    hop = create_role(world.aws, "hop", trust=named)
    tagged = {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"AWS": hop},
        "Condition": {
            "StringEquals": {"sts:ExternalId": "ext-1", "aws:RequestTag/team": "a"},
            "ForAllValues:StringEquals": {"sts:TransitiveTagKeys": ["team"]},
        },
    }
    role = create_role(world.aws, "last", trust=tagged)
    identity = StoreIdentity(REGION, role, "ext-1", (("team", "a"),), ("team",), (hop,))
    world.aws.clear_calls()

    assert world.read(replace(world.store, identity=identity)) == "canary-value"

    operations = [call.operation for call in world.aws.calls]
    assert operations == ["AssumeRoleWithWebIdentity", "AssumeRole", "AssumeRole", "GetParameters"]


def test_a_custom_audience_takes_the_place_of_the_usual_one_and_others_are_added(world: World) -> None:
    world.account({ROLE_ANNOTATION: IRSA, AUDIENCE_ANNOTATION: "vault"})
    world.accept("vault")
    world.aws.client("iam").update_assume_role_policy(RoleName="irsa", PolicyDocument=document(trust(audience="vault")))
    source = ServiceAccountAuth("reader", "team-a", audiences=("other",))

    assert world.read(replace(world.store, service_account=source)) == "canary-value"


@pytest.mark.parametrize("named", [{"namespace": "team-b"}, {"name": "other"}])
def test_another_namespace_or_service_account_is_denied(world: World, named: dict[str, str]) -> None:
    world.account()
    iam = world.aws.client("iam")
    iam.update_assume_role_policy(RoleName="irsa", PolicyDocument=document(trust(**named)))

    text = world.refusal()

    assert text.startswith(f"ServiceAccount team-a/reader may not take role {IRSA} by sts:AssumeRoleWithWebIdentity")
    assert "differ from sub = system:serviceaccount:team-a:reader and aud = sts.amazonaws.com" in text
    offered = allowing(text)
    assert offered == trust()
    iam.update_assume_role_policy(RoleName="irsa", PolicyDocument=document(offered))
    assert world.read() == "canary-value"


def test_an_audience_that_the_provider_does_not_list_is_refused(world: World) -> None:
    world.account({ROLE_ANNOTATION: IRSA, AUDIENCE_ANNOTATION: "vault"})

    text = world.refusal()

    assert "STS does not accept its token (InvalidIdentityToken: the OIDC provider does not list" in text
    assert f"needs an IAM OIDC provider with the URL {ISSUER} and the audience vault" in text


def test_an_audience_that_the_trust_policy_does_not_name_is_denied(world: World) -> None:
    world.account({ROLE_ANNOTATION: IRSA, AUDIENCE_ANNOTATION: "vault"})
    world.accept("vault")

    assert allowing(world.refusal()) == trust(audience="vault")


def test_an_issuer_without_a_provider_is_refused(world: World) -> None:
    world.account()
    world.aws.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)

    text = world.refusal()

    assert "InvalidIdentityToken: the role's account has no OIDC provider of the token's issuer" in text
    assert ISSUER in text


@pytest.mark.parametrize("cluster_time", [timedelta(hours=-2)])
def test_a_token_of_a_cluster_whose_clock_is_behind_has_expired(world: World) -> None:
    world.account()

    assert "its token has expired, although it was requested just now: set the clocks" in world.refusal()


def test_a_missing_external_id_is_denied(world: World) -> None:
    world.account()
    wanted = {"StringEquals": {"sts:ExternalId": "ext-1"}}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": IRSA}, "Condition": wanted}
    role = create_role(world.aws, "last", trust=statement)

    without = world.refusal(replace(world.store, identity=StoreIdentity(REGION, role)))
    wrong = world.refusal(replace(world.store, identity=StoreIdentity(REGION, role, "ext-2")))

    assert without.startswith(f"{SESSION} may not assume role {role} (sts:AssumeRole is denied)")
    assert "it demands an external ID (set the store's externalID)" in without
    assert "it expects another external ID than the store's externalID" in wrong
    assert "ext-2" not in wrong
    assert allowing(wrong)["Condition"] == {"StringEquals": {"sts:ExternalId": "<the store's externalID>"}}
    assert world.read(replace(world.store, identity=StoreIdentity(REGION, role, "ext-1"))) == "canary-value"


def test_a_role_that_was_created_again_is_no_longer_the_one_that_is_trusted(world: World) -> None:
    world.account()
    iam = world.aws.client("iam")
    role = create_role(
        world.aws, "last", trust={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": IRSA}}
    )
    chained = replace(world.store, identity=StoreIdentity(REGION, role))
    assert world.read(chained) == "canary-value"
    iam.delete_role_policy(RoleName="irsa", PolicyName="p")
    iam.delete_role(RoleName="irsa")
    create_role(world.aws, "irsa", trust=trust())

    text = world.refusal(chained)

    assert "names a role or user that was deleted and created again since (save the policy once more)" in text
    offered = allowing(text)
    assert offered == {"Effect": "Allow", "Principal": {"AWS": [IRSA]}, "Action": ["sts:AssumeRole"]}
    iam.update_assume_role_policy(RoleName="last", PolicyDocument=document(offered))
    assert world.read(chained) == "canary-value"


def test_session_tags_that_are_not_trusted_are_denied_with_what_allows_them(world: World) -> None:
    world.account()
    iam = world.aws.client("iam")
    role = create_role(
        world.aws, "last", trust={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": IRSA}}
    )
    tagged = replace(
        world.store, identity=StoreIdentity(REGION, role, session_tags=(("team", "a"),), transitive_tag_keys=("team",))
    )

    text = world.refusal(tagged)

    assert "sts:TagSession is denied" in text
    iam.update_assume_role_policy(RoleName="last", PolicyDocument=document(allowing(text)))
    assert world.read(tagged) == "canary-value"


def test_a_service_account_that_is_missing(world: World) -> None:
    text = world.refusal(kind=NotFoundError)

    assert "ServiceAccount team-a/reader" in text
    assert world.aws.calls == []


def test_a_service_account_without_a_role(world: World) -> None:
    world.account({AUDIENCE_ANNOTATION: "vault"})

    assert world.refusal() == (
        f"ServiceAccount team-a/reader has no role: annotate it with {ROLE_ANNOTATION}: "
        "arn:<partition>:iam::<account>:role/<name>"
    )


def test_a_user_who_may_not_request_tokens(world: World, tmp_path: Path) -> None:
    world.account()
    world.kubernetes.rules.append(Rule("weak", ("get",), ("serviceaccounts",), "team-a"))
    weak = tmp_path / "weak"
    weak.write_text(world.kubernetes.kubeconfig_text("weak"))

    text = world.refusal(replace(world.store, cluster=ClusterSpec(kubeconfig=str(weak))), ForbiddenError)

    assert "ServiceAccount team-a/reader" in text
    assert "'create' on 'serviceaccounts/token'" in text


def test_a_role_of_another_account_needs_two_statements(world: World) -> None:
    world.account()
    foreign = "arn:aws:iam::210987654321:role/reader"

    text = world.refusal(replace(world.store, identity=StoreIdentity(REGION, foreign)))

    assert allowing(text)["Principal"] == {"AWS": [IRSA]}
    own = allowing(text, "needs this statement in a policy of its own as well: ")
    assert own == {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": foreign}


def test_a_parameter_that_the_role_may_not_read_is_told_with_what_allows_it(world: World) -> None:
    world.account()
    iam = world.aws.client("iam")
    iam.delete_role_policy(RoleName="irsa", PolicyName="p")
    forget()
    memory = process_memory().store(world.store, Operation(preview=False, decrypt=True))

    memory.read(["/app/db"], decrypt=True)
    text = memory.seen.problems["/app/db"].message

    assert text.startswith(f"parameter '/app/db': {SESSION} may not call ssm:GetParameters")
    assert "the likely cause is its policy" in text
    iam.put_role_policy(RoleName="irsa", PolicyName="p", PolicyDocument=document(allowing(text, READS)))
    assert world.read() == "canary-value"
