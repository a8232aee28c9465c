"""A Secret and its stores that name different accounts or clusters, or name providers where Pulumi does not look."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import Cluster, InvalidArgumentsError, SecretStore, ServiceAccountAuth
from tests.components.account_and_cluster.support import REGION, Opts, Team, account, refusal, taken, told
from tests.components.support import declare


@pytest.mark.parametrize("store", [lambda: None, lambda: Opts(provider=aws.Provider("a", region="eu-west-1"))])
def test_a_secret_with_another_aws_provider_than_its_store(store: Callable[[], Opts | None]) -> None:
    other = lambda: Opts(providers=[aws.Provider("b", region="eu-west-2")])  # noqa: E731
    below = lambda: Opts(parent=Team("team", aws.Provider("b", region="eu-west-2")))  # noqa: E731
    for secret_opts, place in ((other, "opts name"), (below, "the parent hands down")):
        with pytest.raises(InvalidArgumentsError) as caught:
            told(store, secret_opts, **REGION)
        assert str(caught.value).startswith(f"ExternalSecret 'db': {place} the AWS provider 'b', and its store reads w")
        assert "give the provider to the store" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_secret_with_the_aws_provider_of_its_store() -> None:
    def program() -> None:
        provider = aws.Provider("a", region="eu-west-1")
        team = Team("team", provider)
        store = SecretStore("s", namespace="team-a", opts=Opts(parent=team))
        for name, opts in (("x", Opts(parent=team)), ("y", Opts(provider=provider)), ("z", None)):
            ExternalSecret(name, store=store, data={"user": "/app/db"}, opts=opts)
        other = SecretStore("t", namespace="team-a", region="eu-west-2")
        entry = RemoteRef("/app/db", store=other)
        ExternalSecret("both", store=store, data={"user": "/app/db", "also": entry}, opts=Opts(parent=team))

    assert declare(program).registered["SecretSync", "z"]["store"]["region"] == "eu-west-1"


def of_two_stores(
    one: Callable[[], dict[str, Any]], two: Callable[[], dict[str, Any]], opts: Callable[[], Opts | None] = lambda: None
) -> Any:
    """Where a Secret is written that reads one of its keys from a second store."""

    def program() -> None:
        a, b = (SecretStore(name, namespace="team-a", **REGION, **each()) for name, each in (("a", one), ("b", two)))
        data = {"user": RemoteRef("/app/db", store=b), "also": RemoteRef("friendslist", store=a)}
        ExternalSecret("db", data=data, opts=opts())

    return taken(declare(program), "SecretSync", "db")["cluster"]


def test_stores_of_two_clusters_make_no_secret() -> None:
    """The first key in the alphabet chose one of the two."""
    a, b = ((lambda name=name: {"cluster": Cluster(context=name)}) for name in "ab")
    p = lambda: {"opts": Opts(provider=k8s.Provider("p", context="p"))}  # noqa: E731
    nothing: Callable[[], dict[str, Any]] = dict
    own = lambda: Opts(provider=k8s.Provider("own", context="own"))  # noqa: E731
    for one, two in ((a, b), (a, p), (p, a), (p, nothing), (nothing, p), (nothing, a), (a, nothing)):
        with pytest.raises(
            InvalidArgumentsError, match="ExternalSecret 'db': its stores are of different clusters; name"
        ):
            of_two_stores(one, two)
    with pytest.raises(InvalidArgumentsError, match="opts name a Kubernetes provider"):
        of_two_stores(a, a, own)
    assert of_two_stores(a, a) == {"context": "a"}
    assert of_two_stores(nothing, nothing) == {}
    assert of_two_stores(p, nothing, own) == {"context": "own"}
    with pytest.raises(InvalidArgumentsError, match="its stores are of different clusters"):
        of_two_stores(p, a, own)
    pulumi.runtime.set_all_config({"kubernetes:context": "stack"})
    assert of_two_stores(nothing, nothing) == {"context": "stack"}


def test_a_store_that_says_its_account_itself_goes_before_an_inherited_aws_provider() -> None:
    own = {"auth": ServiceAccountAuth("reader"), **REGION}
    below = lambda: Opts(parent=Team("team", aws.Provider("b", region="eu-west-2")))  # noqa: E731
    assert told(lambda: None, below, **own)[0]["region"] == "eu-central-1"
    with pytest.raises(InvalidArgumentsError, match="opts name the AWS provider 'b'"):
        told(lambda: None, lambda: Opts(provider=aws.Provider("b", region="eu-west-2")), **own)
    pulumi.runtime.set_all_config({"aws:region": "eu-west-1"})
    with pytest.raises(InvalidArgumentsError, match="the parent hands down the AWS provider 'b'"):
        told(lambda: None, below, auth=ServiceAccountAuth("reader"))


@pytest.mark.parametrize(
    ("name", "package", "provider"),
    [
        ("prod", "kubernetes", lambda: k8s.Provider("k", context="b")),
        ("aws", "kubernetes", lambda: k8s.Provider("k", context="b")),
        ("k8s", "kubernetes", lambda: k8s.Provider("k", context="b")),
        ("main", "aws", lambda: aws.Provider("a", region="eu-west-1")),
        ("kubernetes", "aws", lambda: aws.Provider("a", region="eu-west-1")),
    ],
)
def test_a_provider_under_a_name_where_pulumi_does_not_look(name: str, package: str, provider: Any) -> None:
    opts = lambda: Opts(providers={name: provider()})  # noqa: E731
    text = f"opts.providers has a provider of {package!r} under the name {name!r}, where it has no effect"
    assert f"SecretStore 's': {text}; write {package!r}, or a list of providers" in refusal(opts, **REGION)
    with pytest.raises(InvalidArgumentsError, match=f"ExternalSecret 'db': {text}"):
        told(lambda: None, opts, **REGION)


def test_providers_of_parents_under_names_of_their_own() -> None:
    def below(name: str) -> Callable[[], Opts]:
        def opts() -> Opts:
            team = pulumi.ComponentResource("test:index:Team", "t", {}, Opts(providers={name: account()}))
            return Opts(parent=team)

        return opts

    assert told(below("primary"), **REGION) == (REGION, {})  # as for each resource of the parent
    said = refusal(below("kubernetes"), **REGION)
    assert "the parent's `providers` has the aws provider 'a' under the name 'kubernetes'; write 'aws', or a" in said
