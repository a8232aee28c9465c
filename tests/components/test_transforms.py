"""What Pulumi's `transforms` make of the options of our resources, as the engine has a program apply them."""

from typing import Any

import pulumi
import pytest
from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto.resource_pb2 import TransformRequest, TransformResourceOptions, TransformResponse
from pulumi.runtime.settings import get_monitor

from components.external_secret import ExternalSecret
from components.parameter_store import SecretStore
from tests.components.support import declare

URN = "urn:pulumi:dev::shop::"
STACK = f"{URN}pulumi:pulumi:Stack::shop-dev"
TEAM = f"{URN}test:index:Team::team"
SECRET = "parameterstore:index:ExternalSecret"
SYNC = "pulumi-python:dynamic/parameterstore:SecretSync"
CONFIG_MAP = f"{URN}kubernetes:core/v1:ConfigMap::config"
NAMESPACE = f"{URN}kubernetes:core/v1:Namespace::team-a"


def monitor() -> Any:
    """The engine's side of the program that is running."""
    return get_monitor()


def transformed(transform: Any, *requests: TransformRequest) -> list[TransformResponse]:
    """What the engine is answered that has a program apply a transform, beside which the program declares a Secret."""
    answers: list[TransformResponse] = []

    async def ask() -> None:
        servicer = _CallbackServicer(monitor())
        token = servicer.register_transform(transform).token
        assert servicer.register_transform(transform).token == token
        for request in requests:
            answer = await servicer._callbacks[token](request.SerializeToString())
            assert isinstance(answer, TransformResponse)
            answers.append(answer)

    def program() -> pulumi.Output[None]:
        store = SecretStore("s", namespace="team-a", region="eu-central-1")
        ExternalSecret("db", store=store, data={"a": "/p"})
        asked: pulumi.Input[None] = ask()
        return pulumi.Output.from_input(asked)

    declare(program)
    return answers


def deleted_with(urn: str, kind: str) -> Any:
    def transform(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != kind:
            return pulumi.ResourceTransformResult(args.props, args.opts)
        args.opts.deleted_with = pulumi.resource.DependencyResource(urn)
        return pulumi.ResourceTransformResult(args.props, args.opts)

    return transform


def request(kind: str, parent: str = STACK, name: str = "db", **options: Any) -> TransformRequest:
    given = TransformResourceOptions(**options)
    return TransformRequest(type=kind, name=name, custom=kind == SYNC, parent=parent, options=given)


@pytest.mark.parametrize("kind", [SECRET, SYNC, "parameterstore:index:SecretStore"])
@pytest.mark.parametrize("other", [CONFIG_MAP, f"{URN}aws:ssm/parameter:Parameter::p", f"{URN}{SECRET}::other"])
def test_deleted_with_of_a_transform_is_refused_where_the_secret_would_stay(kind: str, other: str) -> None:
    with pytest.raises(pulumi.RunError) as caught:
        transformed(deleted_with(other, kind), request(kind))
    name, told = other.rpartition("::")[2], str(caught.value)
    assert told.startswith(f"{kind.rpartition(':')[2]} 'db': opts.deleted_with names {name!r}, a ")
    assert told.endswith("(a transform names it)")


def test_what_is_refused_does_not_come_into_the_state() -> None:
    answers: list[TransformResponse] = []

    def remember(args: pulumi.ResourceTransformArgs) -> Any:
        return deleted_with(CONFIG_MAP, SYNC)(args)

    async def ask(servicer: _CallbackServicer) -> None:
        token = servicer.register_transform(remember).token
        sent = request(SYNC).SerializeToString()
        answers.append(await servicer._callbacks[token](sent))  # type: ignore[arg-type]

    def program() -> pulumi.Output[None]:
        async def asked() -> None:
            await ask(_CallbackServicer(monitor()))

        waited: pulumi.Input[None] = asked()
        return pulumi.Output.from_input(waited)

    with pytest.raises(pulumi.RunError):
        declare(program)
    assert [each.options.deleted_with for each in answers] == [""]


def test_children_inherit_it_from_a_parent_that_has_it_by_a_transform() -> None:
    with pytest.raises(pulumi.RunError, match=r"'db': opts\.deleted_with of a parent names 'config'"):
        transformed(
            deleted_with(CONFIG_MAP, "test:index:Team"),
            request("test:index:Team", name="team"),
            request(SECRET, TEAM, deleted_with=CONFIG_MAP),  # as the CLI 3.260 asks after the answer for the parent
        )


def test_what_the_secrets_go_with_and_what_is_not_ours_may_be_named() -> None:
    assert [each.options.deleted_with for each in transformed(deleted_with(NAMESPACE, SYNC), request(SYNC))] == [
        NAMESPACE
    ]
    bucket = "aws:s3/bucket:Bucket"
    assert transformed(deleted_with(CONFIG_MAP, bucket), request(bucket))[0].options.deleted_with == CONFIG_MAP
