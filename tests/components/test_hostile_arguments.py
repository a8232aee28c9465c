"""Every argument of every public class takes a hostile value with a meaning, or refuses it in one line."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

import components.external_secret
import components.parameter_store
from components.core.characters import unprintable
from components.external_secret import (
    ExternalSecret,
    Extract,
    Find,
    MergeRewrite,
    PushData,
    PushDataTo,
    PushMetadata,
    PushSecret,
    RegexpRewrite,
    RemoteRef,
    Target,
    Template,
    TemplateItem,
    TemplateSource,
    TransformRewrite,
)
from components.parameter_store import (
    AccessKeyAuth,
    AssumedRole,
    Cluster,
    ClusterSecretStore,
    InvalidArgumentsError,
    KmsKey,
    LabelRequirement,
    NewRole,
    PodIdentityAuth,
    SecretKeyRef,
    SecretStore,
    ServiceAccountAuth,
    StoreArguments,
    StoreCondition,
)
from tests.components.support import LOOP, declare
from tests.components.test_identity import Cloud

KEY = "arn:aws-cn:kms:cn-north-1:123456789012:key/1"
ROLE = "arn:aws-cn:iam::123456789012:role/r"
KEYS = AccessKeyAuth(SecretKeyRef("aws", "id"), SecretKeyRef("aws", "secret"))


class Text(str):
    """A string that lies about itself."""

    __slots__ = ()

    def __str__(self) -> str:
        return "lie"


class Broken:
    """An object that answers nothing."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


async def later(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


def unending() -> Iterator[str]:
    while True:
        yield "x"


# Constructed for each use: a coroutine can be awaited once, and an Output belongs to a loop.
PLAIN: list[Callable[[], Any]] = [
    lambda: None,
    lambda: 0,
    lambda: -1,
    lambda: True,
    lambda: 1.5,
    lambda: 10**400,
    lambda: float("nan"),
    lambda: float("inf"),
    lambda: complex(1, 2),
    lambda: "",
    lambda: " ",
    lambda: "x",
    lambda: "*",
    lambda: "${aws:username}",
    lambda: "/a\nb",
    lambda: "\x1b[31mred",
    lambda: "a\x00b",
    lambda: "\ud800",
    lambda: "a\u202eb",
    lambda: "a\u2028b",
    lambda: "x" * 5000,
    lambda: Text("x"),
    lambda: b"x",
    lambda: bytearray(b"x"),
    list,
    dict,
    set,
    tuple,
    lambda: ["x"],
    lambda: ["a\nb"],
    lambda: [None],
    lambda: [1],
    lambda: [["x"]],
    lambda: [Broken()],
    lambda: range(3),
    unending,
    lambda: {"x": "y"},
    lambda: {"x": None},
    lambda: {"x": "\ud800"},
    lambda: {1: "y"},
    lambda: {"": "y"},
    lambda: {"a\nb": "y"},
    object,
    lambda: object,
    lambda: len,
    lambda: lambda: None,
    Broken,
    lambda: SecretStore,
    lambda: RemoteRef("p"),
    Target,
    NewRole,
    lambda: [RemoteRef("p")],
    lambda: [Find(name="x")],
]
LATER: list[Callable[[], Any]] = [
    lambda: pulumi.Output.from_input("x"),
    lambda: pulumi.Output.from_input(5),
    lambda: pulumi.Output.from_input(None),
    lambda: pulumi.Output.secret("a\nb"),
    lambda: {"x": pulumi.Output.from_input(5)},
    lambda: [later("\ud800")],
    lambda: later("*"),
]


class Patient(Cloud):
    """Answers whatever it is told, without looking into it."""

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        return f"{args.name}-id", {**args.inputs, "arn": ROLE} if args.typ == "aws:iam/role:Role" else dict(args.inputs)


def store(**given: Any) -> SecretStore:
    made = SecretStore("s", **{"namespace": "team-a", "region": "cn-north-1", **given})
    ExternalSecret("e", store=made, data={"k": "/p"})
    return made


STORES: list[SecretStore] = []
"""The store of the program that runs, if it has one yet: constructing one for each value would take long."""


def secret(**given: Any) -> ExternalSecret:
    if not STORES:
        STORES.append(SecretStore("s", namespace="team-a", region="cn-north-1"))
    return ExternalSecret(**{"name": "e", "store": STORES[0], "data": {"k": "p"}, **given})


def found(**given: Any) -> ExternalSecret:
    return secret(data={}, data_from=[Find(name="x", **given)])


def templated(source: Any) -> ExternalSecret:
    return secret(target=Target(template=Template(template_from=[source])))


def push(**given: Any) -> PushSecret:
    if not STORES:
        STORES.append(SecretStore("s", namespace="team-a", region="cn-north-1"))
    return PushSecret(**{"name": "p", "stores": STORES, "secret": "src", "data": [PushData("p", "k")], **given})


def conditional(condition: Any) -> ClusterSecretStore:
    return ClusterSecretStore("c", region="cn-north-1", conditions=[condition])


# Class -> arguments that are right, and what takes it.
CLASSES: dict[type, tuple[Mapping[str, Any], Callable[[Any], Any]]] = {
    AccessKeyAuth: (KEYS.__dict__, lambda it: store(auth=it)),
    AssumedRole: ({}, lambda it: store(role=it)),
    Cluster: ({"context": "c"}, lambda it: store(cluster=it)),
    KmsKey: ({"arn": KEY}, lambda it: store(role=AssumedRole(), kms_keys=[it])),
    LabelRequirement: (
        {"key": "team", "operator": "In", "values": ["a"]},
        lambda it: conditional(StoreCondition(selector=[it])),
    ),
    NewRole: ({}, lambda it: store(role=AssumedRole(role=it))),
    PodIdentityAuth: ({"cluster": "c", "service_account": "runner"}, lambda it: store(auth=it)),
    SecretKeyRef: ({"name": "aws", "key": "id"}, lambda it: store(auth=AccessKeyAuth(it, it))),
    ServiceAccountAuth: ({"oidc_provider": "https://oidc.example.com/x"}, lambda it: store(auth=it)),
    StoreCondition: ({"namespaces": ["a"]}, conditional),
    Extract: ({"key": "/p"}, lambda it: secret(data_from=[it])),
    Find: ({"name": "x"}, lambda it: secret(data_from=[it])),
    MergeRewrite: ({}, lambda it: found(rewrite=[it])),
    PushData: ({"remote_key": "p"}, lambda it: push(data=[it])),
    PushDataTo: ({}, lambda it: push(data_to=[it])),
    PushMetadata: ({}, lambda it: push(data=[PushData("p", metadata=it)])),
    RegexpRewrite: ({"source": "a", "target": "b"}, lambda it: found(rewrite=[it])),
    RemoteRef: ({"key": "/p"}, lambda it: secret(data={"k": it})),
    Target: ({}, lambda it: secret(target=it)),
    Template: ({"type": "Opaque"}, lambda it: secret(target=Target(template=it))),
    TemplateItem: ({"key": "k"}, lambda it: templated(TemplateSource(secret="t", items=[it]))),
    TemplateSource: ({"literal": "a: b"}, templated),
    TransformRewrite: ({"template": "{{ .value }}"}, lambda it: found(rewrite=[it])),
}
STORE = {"name": "s", "region": "cn-north-1", "role": ROLE}
COMPONENTS: list[tuple[type, Mapping[str, Any], list[str]]] = [
    (SecretStore, {**STORE, "namespace": "team-a"}, ["name", "namespace", *StoreArguments.__annotations__]),
    (ClusterSecretStore, STORE, ["name", "conditions", *StoreArguments.__annotations__]),
    (SecretStore, {**STORE, "namespace": "team-a", "role": AssumedRole()}, ["kms_keys", "paths", "external_id"]),
]
SECRET = ["name", "store", "data", "data_from", "namespace", "target", "refresh_policy", "refresh_interval", "opts"]
PUSH = ["name", "secret", "stores", "data", "namespace", "update_policy", "deletion_policy", "refresh_interval"]
PUSH += ["adopt", "opts", "selector", "data_to", "template"]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def refused(construct: Callable[[Any], Any], what: str) -> int:
    """How many hostile values are refused, each by one line that can be shown; the others are taken."""
    refusals: list[str] = []

    def at_once() -> None:
        for at, make in enumerate(PLAIN):
            try:
                construct(make())
            except InvalidArgumentsError as error:
                refusals.append(str(error))
            except Exception as error:
                raise AssertionError(f"{what}={at}: {type(error).__name__}: {error}") from error

    STORES.clear()
    declare(at_once, engine=Patient())
    for at, make in enumerate(LATER):
        STORES.clear()
        try:
            declare(lambda make=make: construct(make()), engine=Patient())  # type: ignore[misc]
        except InvalidArgumentsError as error:
            refusals.append(str(error))
        except Exception as error:
            raise AssertionError(f"{what}, later {at}: {type(error).__name__}: {error}") from error
        finally:
            left = asyncio.all_tasks(LOOP)
            LOOP.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    for text in refusals:
        assert text, what
        assert unprintable(text) is None, what
    return len(refusals)


def test_every_public_class_checks_its_arguments() -> None:
    public = {
        getattr(module, name)
        for module in (components.external_secret, components.parameter_store)
        for name in module.__all__
    }
    made = {each for each in public if isinstance(each, type)} - {InvalidArgumentsError, StoreArguments}
    assert all(hasattr(vars(kind)["__init__"], "checks_arguments") for kind in made)
    assert {each for each in made if is_dataclass(each)} == CLASSES.keys()


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_the_fields_of_a_class(kind: type) -> None:
    right, use = CLASSES[kind]
    STORES.clear()
    declare(lambda: use(kind(**right)), engine=Patient())
    for name in [each.name for each in fields(kind)]:
        found = refused(lambda value, name=name: use(kind(**{**right, name: value})), f"{kind.__name__}({name})")  # type: ignore[misc]
        assert found > len(PLAIN) / 2, name


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize(("kind", "right", "names"), COMPONENTS)
def test_the_arguments_of_a_store(kind: type, right: Mapping[str, Any], names: list[str]) -> None:
    declare(lambda: kind(**right), engine=Patient())
    for name in names:
        found = refused(lambda value, name=name: kind(**{**right, name: value}), f"{kind.__name__}({name})")  # type: ignore[misc]
        assert found > len(PLAIN) / 2, name


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("name", SECRET)
def test_the_arguments_of_an_external_secret(name: str) -> None:
    assert refused(lambda value: secret(**{name: value}), f"ExternalSecret({name})") > len(PLAIN) / 2


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.parametrize("name", PUSH)
def test_the_arguments_of_a_push_secret(name: str) -> None:
    assert refused(lambda value: push(**{name: value}), f"PushSecret({name})") > len(PLAIN) / 2
