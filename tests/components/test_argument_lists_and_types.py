"""A string is no list of its characters, what has no effect is said, and type checkers see what a program sees."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from components.external_secret import (
    ExternalSecret,
    Extract,
    MergeRewrite,
    RemoteRef,
    Target,
    Template,
    TemplateItem,
    TemplateSource,
)
from components.parameter_store import (
    AssumedRole,
    Cluster,
    InvalidArgumentsError,
    KmsKey,
    LabelRequirement,
    NewRole,
    SecretKeyRef,
    SecretStore,
    ServiceAccountAuth,
    StoreCondition,
)
from tests.components.support import declare
from tests.components.test_identity import Cloud

ROLE = "arn:aws-cn:iam::123456789012:role/r"
UNTYPED: Any = RemoteRef
KEY = "arn:aws-cn:kms:cn-north-1:123456789012:key/1"


def store(**given: Any) -> SecretStore:
    return SecretStore("s", **{"namespace": "team-a", "region": "cn-north-1", **given})


def secret(**given: Any) -> ExternalSecret:
    return ExternalSecret("e", **{"store": store(), "data": {"k": "/p"}, **given})


STRINGS: list[tuple[Callable[[], Any], str]] = [
    (lambda: store(additional_roles=ROLE), "SecretStore 's', additional_roles"),
    (lambda: store(paths="/a", role=AssumedRole()), "SecretStore 's', paths"),
    (
        lambda: store(session_tags={"a": "b"}, transitive_tag_keys="a", role=ROLE),
        "SecretStore 's', transitive_tag_keys",
    ),
    (lambda: store(role=AssumedRole(ROLE)), "SecretStore 's', role.principals"),
    (lambda: store(auth=ServiceAccountAuth("a", audiences="b")), "SecretStore 's', auth.audiences"),
    (
        lambda: secret(target=Target(template=Template(finalizers="a/b"))),
        "ExternalSecret 'e', target.template.finalizers",
    ),
    (lambda: MergeRewrite(priority="abc"), "MergeRewrite (test_argument_lists_and_types.py, line "),
    (lambda: LabelRequirement("a", "In", "abc"), "LabelRequirement (test_argument_lists_and_types.py, line "),
    (lambda: StoreCondition(namespace_regexes="abc"), "StoreCondition (test_argument_lists_and_types.py, line "),
    (lambda: StoreCondition(namespaces=(each for each in "abc")), "StoreCondition (test_argument_lists_and_types.py"),  # type: ignore[arg-type]
]


def refusal(construct: Callable[[], Any]) -> str:
    with pytest.raises(InvalidArgumentsError) as raised:
        declare(construct, engine=Cloud())
    return str(raised.value)


@pytest.mark.parametrize(("construct", "place"), STRINGS)
def test_a_string_is_no_list(construct: Callable[[], Any], place: str) -> None:
    text = refusal(construct)
    assert text.startswith(place)
    assert "expected a list of strings, got" in text


@pytest.mark.parametrize(
    ("construct", "line"),
    [
        (
            lambda: store(session_tags={"a": 5}, role=ROLE),
            "SecretStore 's', session_tags['a']: expected a string, got a",
        ),
        (
            lambda: store(requests_per_second=True),
            "SecretStore 's', requests_per_second: expected a number, got true or",
        ),
        (lambda: store(requests_per_second=float("nan")), "requests_per_second: expected a number that is finite"),
        (lambda: store(cluster="prod"), "SecretStore 's', cluster: expected a Cluster or a pulumi_"),
        (lambda: store(cluster=Cluster(context="a\x1b[31m")), "cluster.context holds the character U+001B"),
        (lambda: store(namespace="a\nb"), "SecretStore 's': namespace holds the character U+000A"),
        (
            lambda: store(namespace="Team_A"),
            "SecretStore 's', namespace: 'Team_A' is not allowed; write up to 63 lower",
        ),
        (
            lambda: store(role=AssumedRole(role=NewRole(max_session_duration=60))),
            "a number from 3,600 to 43,200, got 60",
        ),
        (lambda: store(role=AssumedRole(role=NewRole(managed_policies=0))), "a number from 1 to 20, got 0"),
        (
            lambda: store(auth=SecretKeyRef("a", "b")),
            "SecretStore 's', auth: expected an AccessKeyAuth, ServiceAccountAuth",
        ),
        (lambda: store(opts={}), "SecretStore 's', opts: expected a ResourceOptions, got a mapping"),
        (lambda: secret(data={"k": RemoteRef("p\u202e")}), "ExternalSecret 'e': key k.key holds the character U+202E"),
        (lambda: secret(target="a\ud800"), "ExternalSecret 'e': target holds the character U+D800"),
        (lambda: secret(target=Target(labels={"a": 5})), "target.labels['a']: expected a string, got a number"),  # type: ignore[dict-item]
        (
            lambda: secret(target=Target(name="")),
            "ExternalSecret 'e': target.name is empty; write a string, or leave it",
        ),
        (
            lambda: secret(store=SecretStore),
            "store: expected a SecretStore or ClusterSecretStore, got the class SecretStore",
        ),
        (lambda: secret(namespace=pulumi.Output.from_input(None)), "namespace: expected a string, got nothing"),
        (
            lambda: secret(data={"k": pulumi.Output.from_input("/p").apply(RemoteRef)}),
            "key k: expected a RemoteRef or a parameter's name, got an Output of RemoteRef; pass the RemoteRef itself",
        ),
        (
            lambda: secret(target=pulumi.Output.from_input(Target(name="x"))),
            "target: expected a Target, or the Secret's name, got an Output of Target; pass the Target itself",
        ),
        (
            lambda: secret(data={"k": RemoteRef(pulumi.Output.from_input(RemoteRef("/p")))}),  # type: ignore[arg-type]
            "key k.key: expected a parameter's name, got RemoteRef",
        ),
        (
            lambda: secret(data={"k": RemoteRef(pulumi.Output.from_input(5))}),  # type: ignore[arg-type]
            "key k.key: expected a parameter's name, got",
        ),
        (lambda: RemoteRef("a", proprty="b"), "there is no argument 'proprty'; did you mean 'property'?"),  # type: ignore[call-arg]
        (lambda: UNTYPED(property="a"), ": key is required; write key=..."),
        (lambda: Extract("a", key="b"), "key is given twice; leave one of them out"),  # type: ignore[misc]
        (lambda: store(zzz=1), "SecretStore 's': there is no argument 'zzz'; there are opts, prefix, auth"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(construct: Callable[[], Any], line: str) -> None:
    assert line in refusal(construct)


@pytest.mark.parametrize(
    ("construct", "line"),
    [
        (lambda: store(allow_all_parameters=True), "allow_all_parameters has no effect"),
        (
            lambda: store(allow_all_parameters=True, paths=["/a"], role=AssumedRole()),
            "it is for the path '/' in `paths`",
        ),
        (
            lambda: store(paths=["/a"], auth=ServiceAccountAuth(oidc_provider="https://e.org/x"), role=ROLE),
            "paths has no",
        ),
        (
            lambda: store(auth=ServiceAccountAuth("a", role=NewRole("b"))),
            "auth.role has no effect without oidc_provider",
        ),
        (lambda: store(role=AssumedRole([ROLE], allow_wildcards=True)), "role.allow_wildcards has no effect"),
        (lambda: store(external_id="ext"), "external_id and session_tags are for `role`, which is not given"),
    ],
)
def test_an_argument_without_effect_is_an_error(construct: Callable[[], Any], line: str) -> None:
    assert line in refusal(construct)


def test_sequences_of_any_kind_are_taken_and_coroutines_may_be_used_twice() -> None:
    async def namespace() -> str:
        return "team-b"

    def program() -> None:
        account = ServiceAccountAuth("a", namespace(), oidc_provider="https://oidc.example.com/x")
        made = store(auth=account, namespace=namespace(), role=AssumedRole([ROLE]), kms_keys=[KmsKey(KEY, ["/a/*"])])
        source = TemplateSource(secret="texts", items=[TemplateItem("a")])
        template = Template(template_from=[source], finalizers=["a/b"])
        ExternalSecret("e", store=made, data={"k": "/p"}, target=Target(template=template))

    registered = declare(program, engine=Cloud()).registered
    assert registered["SecretSync", "e"]["namespace"] == "team-b"
    assert registered["ServiceAccount", "s-base"]["metadata"]["namespace"] == "team-b"
    assert StoreCondition(namespaces=["a"], selector=[LabelRequirement("a", "In", ["b"])]) == StoreCondition(
        ("a",), (), (LabelRequirement("a", "In", ("b",)),)
    )


def test_a_program_that_checkers_take_runs() -> None:
    """`make lint` checks this with mypy --strict: an ignore that is not needed is an error there."""

    def program() -> None:
        SecretStore(
            "s", namespace="a", region="cn-north-1", additional_roles=[ROLE], role=pulumi.Output.from_input(ROLE)
        )
        with pytest.raises(InvalidArgumentsError):
            SecretStore("s", namespace="a")
        with pytest.raises(InvalidArgumentsError):
            SecretStore("s", namespace="a", region=None)
        with pytest.raises(InvalidArgumentsError):
            SecretStore("s", namespace="a", regoin="cn-north-1")  # type: ignore[call-arg]
        with pytest.raises(InvalidArgumentsError):
            SecretStore("s", namespace="a", region="cn-north-1", kms_keys="arn")  # type: ignore[arg-type]
        with pytest.raises(InvalidArgumentsError):
            LabelRequirement("a", "Like")  # type: ignore[arg-type]

    declare(program, engine=Cloud())
