"""A provider plugin as its own process, driven over gRPC as an engine does."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.engine.values import from_struct, to_struct
from tests.support.paths import ROOT

BIN = ROOT / "sandbox" / "bin"
_INHERITED = ("PATH", "HOME", "LANG", "SANDBOX_PYTHON")
Properties = dict[str, Any]


@dataclass(frozen=True)
class Resource:
    """A resource as an engine keeps it."""

    token: str
    name: str
    id: str
    inputs: Properties
    outputs: Properties = field(default_factory=dict)

    @property
    def urn(self) -> str:
        return urn(self.token, self.name)


class Plugin:
    """A running plugin.

    Args:
        package: `aws` or `kubernetes`.
        environment: variables besides the few that every process needs.
    """

    def __init__(self, package: str, environment: Mapping[str, str]) -> None:
        kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self.process = subprocess.Popen(
            [str(BIN / f"pulumi-resource-{package}"), "127.0.0.1:1"],
            env={**kept, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        first = self.process.stdout.readline().strip()
        if not first.isdigit():
            pytest.fail(f"the plugin did not start: {first}\n{self.process.communicate(timeout=10)[1]}")
        self._channel = grpc.insecure_channel(f"127.0.0.1:{first}")
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> tuple[str, str]:
        """End the process and return what it said after its port."""
        self._channel.close()
        self.process.terminate()
        return self.process.communicate(timeout=20)

    def configure(self, **configuration: Any) -> Any:
        return self.stub.Configure(provider_pb2.ConfigureRequest(args=_struct(configuration), acceptSecrets=True))

    def check(
        self, token: str, name: str, news: Properties, olds: Properties | None = None, seed: bytes = b""
    ) -> tuple[Properties, list[tuple[str, str]]]:
        request = provider_pb2.CheckRequest(
            urn=urn(token, name), news=_struct(news), olds=_struct(olds or {}), randomSeed=seed
        )
        answer = self.stub.Check(request)
        return from_struct(answer.inputs), [(failure.property, failure.reason) for failure in answer.failures]

    def checked(self, token: str, name: str, news: Properties, olds: Properties | None = None) -> Properties:
        inputs, failures = self.check(token, name, news, olds)
        assert failures == []
        return inputs

    def diff(self, old: Resource, news: Properties) -> Any:
        request = provider_pb2.DiffRequest(
            id=old.id, urn=old.urn, olds=_struct(old.outputs), old_inputs=_struct(old.inputs), news=_struct(news)
        )
        return self.stub.Diff(request)

    def foretell(self, token: str, name: str, inputs: Properties) -> Properties:
        request = provider_pb2.CreateRequest(urn=urn(token, name), properties=_struct(inputs), preview=True)
        answer = self.stub.Create(request)
        assert answer.id == ""
        return from_struct(answer.properties)

    def create(self, token: str, name: str, inputs: Properties) -> Resource:
        answer = self.stub.Create(provider_pb2.CreateRequest(urn=urn(token, name), properties=_struct(inputs)))
        return Resource(token, name, answer.id, inputs, from_struct(answer.properties))

    def make(self, token: str, name: str, news: Properties) -> Resource:
        return self.create(token, name, self.checked(token, name, news))

    def read(self, old: Resource) -> Resource | None:
        request = provider_pb2.ReadRequest(
            id=old.id, urn=old.urn, inputs=_struct(old.inputs), properties=_struct(old.outputs)
        )
        answer = self.stub.Read(request)
        if not answer.id:
            return None
        return Resource(old.token, old.name, answer.id, from_struct(answer.inputs), from_struct(answer.properties))

    def update(self, old: Resource, news: Properties, *, preview: bool = False) -> Resource:
        request = provider_pb2.UpdateRequest(
            id=old.id,
            urn=old.urn,
            olds=_struct(old.outputs),
            old_inputs=_struct(old.inputs),
            news=_struct(news),
            preview=preview,
        )
        return Resource(old.token, old.name, old.id, news, from_struct(self.stub.Update(request).properties))

    def delete(self, old: Resource) -> None:
        request = provider_pb2.DeleteRequest(
            id=old.id, urn=old.urn, properties=_struct(old.outputs), old_inputs=_struct(old.inputs)
        )
        self.stub.Delete(request)

    def invoke(self, token: str, **arguments: Any) -> Properties:
        answer = self.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=_struct(arguments)))
        return from_struct(getattr(answer, "return"))


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::demo::parent:index:Parent${token}::{name}"


def failure_of(call: Any, *arguments: Any) -> str:
    """Return the text of the gRPC failure that `call` ends in."""
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments)
    assert caught.value.code() is grpc.StatusCode.UNKNOWN
    return str(caught.value.details())


def is_unchanged(answer: Any) -> bool:
    none = answer.changes == provider_pb2.DiffResponse.DIFF_NONE
    assert none == (not answer.detailedDiff) == (not answer.diffs)
    return bool(none)


def _struct(properties: Properties) -> Any:
    return to_struct(properties, keep_secrets=True)
