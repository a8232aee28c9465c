"""A ClusterSecretStore serves the namespaces that its conditions admit; what a name decides is said at construction."""

from typing import Any

import pulumi
import pytest

from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import (
    AccessKeyAuth,
    ClusterSecretStore,
    InvalidArgumentsError,
    SecretKeyRef,
    SecretStore,
    ServiceAccountAuth,
    StoreCondition,
)
from tests.components.support import declare

KEY = SecretKeyRef("aws", "key")
ELSEWHERE = SecretKeyRef("aws", "key", namespace="b")
DATA = {"k": "friendslist"}


@pytest.mark.parametrize(
    "auth",
    [
        ServiceAccountAuth("reader"),
        AccessKeyAuth(KEY, ELSEWHERE),
        AccessKeyAuth(ELSEWHERE, ELSEWHERE, session_token=KEY),
    ],
)
def test_every_reference_of_a_cluster_store_names_its_namespace(auth: Any) -> None:
    def program() -> None:
        with pytest.raises(InvalidArgumentsError, match=r"ClusterSecretStore 's': auth: .* give each reference its"):
            ClusterSecretStore("s", region="eu-central-1", auth=auth)

    declare(program)


def test_references_of_a_store_for_one_namespace_stay_in_it() -> None:
    def program() -> None:
        with pytest.raises(InvalidArgumentsError, match="auth: namespace 'b' is not the store's own, 'a'"):
            SecretStore("s", namespace="a", region="eu-central-1", auth=ServiceAccountAuth("reader", namespace="b"))
        SecretStore("t", namespace="a", region="eu-central-1", auth=ServiceAccountAuth("reader", namespace="a"))

    declare(program)


def test_the_dynamic_resources_are_told_the_whole_identity() -> None:
    hop, role = (f"arn:aws:iam::123456789012:role/{name}" for name in ("hop", "last"))

    def program() -> None:
        ClusterSecretStore(
            "s",
            region="eu-central-1",
            auth=ServiceAccountAuth("reader", namespace="b", audiences=("vault",)),
            additional_roles=[hop],
            role=pulumi.Output.from_input(role),
            external_id="ext-1",
            session_tags={"team": "a"},
            transitive_tag_keys=["team"],
        )

    assert declare(program).registered["Snapshot", "s"]["store"] == {
        "region": "eu-central-1",
        "serviceAccountRef": {"namespace": "b", "name": "reader", "audiences": ["vault"]},
        "additionalRoles": [hop],
        "role": role,
        "externalID": "ext-1",
        "sessionTags": [{"key": "team", "value": "a"}],
        "transitiveTagKeys": ["team"],
        "cluster": {},
    }


def test_what_can_never_work_of_an_identity() -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"external_id": "ext-1"}, "external_id and session_tags are for `role`"),
        ({"additional_roles": ["hop"]}, "additional_roles: 'hop' is not a role's ARN"),
        ({"auth": ServiceAccountAuth()}, "auth: name the service_account"),
        ({"transitive_tag_keys": ["team"]}, "transitive_tag_keys: session_tags has no tag 'team'"),
    ]

    def program() -> None:
        for change, message in wrong:
            with pytest.raises(InvalidArgumentsError) as caught:
                SecretStore("s", namespace="a", region="eu-central-1", **change)
            assert message in str(caught.value)

    declare(program)


CONDITIONS = [StoreCondition(namespaces=("a",)), StoreCondition(namespace_regexes=("^prod-",))]


def test_a_namespace_whose_name_is_not_admitted_is_refused_at_construction() -> None:
    def program() -> None:
        store = ClusterSecretStore("s", region="eu-central-1", conditions=CONDITIONS)
        for name in ("a", "prod-1"):
            ExternalSecret(name, store=store, data=DATA, namespace=name)
        with pytest.raises(InvalidArgumentsError, match=r"ExternalSecret 'e': .* namespace 'b': none of"):
            ExternalSecret("e", store=store, data=DATA, namespace="b")

    registered = declare(program).registered
    assert "conditions" not in registered["SecretSync", "prod-1"]["operation"]


def test_conditions_travel_only_where_the_cluster_must_decide() -> None:
    selector = StoreCondition.from_bag({"namespaceSelector": {"matchLabels": {"team": "a"}}})

    def program() -> None:
        store = ClusterSecretStore("s", region="eu-central-1", conditions=[*CONDITIONS, selector])
        ExternalSecret("named", store=store, data=DATA, namespace="a")
        ExternalSecret("labelled", store=store, data=DATA, namespace="b")

    registered = declare(program).registered
    assert "conditions" not in registered["SecretSync", "named"]["operation"]
    told = registered["SecretSync", "labelled"]["operation"]["conditions"]
    assert [StoreCondition.from_bag(each) for each in told[0]] == [*CONDITIONS, selector]


def test_a_secret_of_a_cluster_store_names_its_namespace_and_another_s_does_not() -> None:
    def program() -> None:
        wide = ClusterSecretStore("s", region="eu-central-1")
        with pytest.raises(InvalidArgumentsError, match="ExternalSecret 'e': a ClusterSecretStore has no namespace"):
            ExternalSecret("e", store=wide, data=DATA)
        own = SecretStore("t", namespace="a", region="eu-central-1")
        with pytest.raises(InvalidArgumentsError, match="its store is for namespace 'a' alone, not for 'b'"):
            ExternalSecret("f", store=own, data=DATA, namespace="b")

    declare(program)


def test_the_namespace_is_that_of_the_external_secret_s_own_store_and_not_of_an_entry_s() -> None:
    def program() -> None:
        own = SecretStore("own", namespace="a", region="eu-central-1")
        other = SecretStore("other", namespace="b", region="eu-central-1")
        wrong = (
            r"ExternalSecret 'e', key k: its store is for namespace 'b' alone, not for 'a'; take a store that is for"
        )
        with pytest.raises(InvalidArgumentsError, match=wrong):
            ExternalSecret("e", store=own, data={"k": RemoteRef("p", store=other)})

    declare(program)
