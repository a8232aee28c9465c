"""Calls to one resource provider over Pulumi's provider protocol, in property values instead of wire messages."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Any, Final

import grpc.aio
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.engine.answers import Check, Diff, read_diff
from sandbox.engine.plugins import Plugin
from sandbox.engine.provider_calls import answer_if_implemented, answer_of, answer_to_change
from sandbox.engine.urn import name_of, package_of, type_of
from sandbox.engine.values import PropertyMap, annotate_secrets, from_struct, has_unknowns, to_struct

_CANCEL_SECONDS: Final = 5.0


@dataclass
class Provider:
    """A provider plugin and what it understands.

    Attributes:
        plugin: The running process.
        accept_secrets: Secrets are sent marked (otherwise plain, and marked again in the answer).
        accept_resources: Resource references are sent as such (otherwise as ids).
        supports_preview: Create and update can be previewed.
        configured: Configure has succeeded; False while its configuration is unknown (previews only).
    """

    plugin: Plugin
    accept_secrets: bool = False
    accept_resources: bool = False
    supports_preview: bool = False
    configured: bool = False
    _stub: provider_pb2_grpc.ResourceProviderAsyncStub = field(init=False)

    def __post_init__(self) -> None:
        self._stub = provider_pb2_grpc.ResourceProviderStub(self.plugin.channel)  # type: ignore[assignment]

    async def handshake(self, engine_address: str, root: str, program: str) -> None:
        """Exchange capabilities with plugins that know how; older ones tell at configure."""
        request = provider_pb2.ProviderHandshakeRequest(
            engine_address=engine_address,
            root_directory=root,
            program_directory=program,
            configure_with_urn=True,
            invoke_with_preview=True,
        )
        response = await answer_if_implemented(self._stub.Handshake(request))
        if response is not None:
            self.accept_secrets = response.accept_secrets
            self.accept_resources = response.accept_resources

    async def check_config(self, urn: str, olds: PropertyMap, news: PropertyMap) -> Check:
        """Let the provider check its own configuration; without an opinion it stays as it is."""
        request = provider_pb2.CheckRequest(
            urn=urn, name=name_of(urn), type=type_of(urn), olds=_struct(olds), news=_struct(news)
        )
        response = await answer_if_implemented(self._stub.CheckConfig(request))
        if response is None:
            return Check(news)
        inputs = from_struct(response.inputs)
        annotate_secrets(inputs, news)
        return Check(inputs, tuple((failure.property, failure.reason) for failure in response.failures))

    async def diff_config(self, urn: str, old_inputs: PropertyMap, old_outputs: PropertyMap, news: PropertyMap) -> Diff:
        """Ask whether a change of the provider's configuration replaces its resources."""
        request = provider_pb2.DiffRequest(
            urn=urn,
            name=name_of(urn),
            type=type_of(urn),
            olds=_struct(old_outputs),
            old_inputs=_struct(old_inputs),
            news=_struct(news),
        )
        response = await answer_if_implemented(self._stub.DiffConfig(request))
        return Diff(None) if response is None else read_diff(response)

    async def configure(self, urn: str, id_: str, config: PropertyMap) -> None:
        """Configure the plugin; with unknown configuration it stays unconfigured and is not asked about resources."""
        if has_unknowns(config):
            return
        package = package_of(type_of(urn))
        variables = {
            f"{package}:config:{key}": value for key, value in _plain(config).items() if isinstance(value, str)
        }
        request = provider_pb2.ConfigureRequest(
            variables=variables,
            args=to_struct(config, keep_secrets=True),
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
            id=id_,
            urn=urn,
            name=name_of(urn),
            type=type_of(urn),
        )
        response = await answer_of(self._stub.Configure(request))
        self.accept_secrets = self.accept_secrets or response.acceptSecrets
        self.accept_resources = self.accept_resources or response.acceptResources
        self.supports_preview = response.supportsPreview
        self.configured = True

    async def check(self, urn: str, olds: PropertyMap, news: PropertyMap) -> Check:
        """Let the provider check and complete a resource's inputs."""
        if not self.configured:
            return Check(news)
        request = provider_pb2.CheckRequest(
            urn=urn, name=name_of(urn), type=type_of(urn), olds=self._send(olds), news=self._send(news)
        )
        response = await answer_of(self._stub.Check(request))
        failures = tuple((failure.property, failure.reason) for failure in response.failures)
        return Check(self._receive(response.inputs, news), failures)

    async def diff(
        self,
        urn: str,
        id_: str,
        old_inputs: PropertyMap,
        old_outputs: PropertyMap,
        news: PropertyMap,
        ignore_changes: list[str],
    ) -> Diff:
        """Ask what a change of a resource's inputs means."""
        if not self.configured:
            return Diff(
                changes=True,
                unavailable="The provider for this resource has inputs that are not known during preview.\n"
                "This preview may not correctly represent the changes that will be applied during an update.",
            )
        request = provider_pb2.DiffRequest(
            id=id_,
            urn=urn,
            name=name_of(urn),
            type=type_of(urn),
            olds=self._send(old_outputs),
            old_inputs=self._send(old_inputs),
            news=self._send(news),
            ignoreChanges=ignore_changes,
        )
        return read_diff(await answer_of(self._stub.Diff(request)))

    async def create(self, urn: str, inputs: PropertyMap, *, preview: bool) -> tuple[str, PropertyMap]:
        """Create a resource; in a preview the checked inputs stand for outputs unless the provider previews itself."""
        if preview and not (self.supports_preview and self.configured):
            return "", dict(inputs)
        request = provider_pb2.CreateRequest(
            urn=urn, name=name_of(urn), type=type_of(urn), properties=self._send(inputs), preview=preview
        )
        response = await answer_to_change(self._stub.Create(request), lambda found: self._receive(found, inputs))
        return response.id, self._receive(response.properties, inputs)

    async def update(
        self, urn: str, id_: str, old_inputs: PropertyMap, old_outputs: PropertyMap, news: PropertyMap, *, preview: bool
    ) -> PropertyMap:
        """Update a resource in place."""
        if preview and not (self.supports_preview and self.configured):
            return dict(news)
        request = provider_pb2.UpdateRequest(
            id=id_,
            urn=urn,
            name=name_of(urn),
            type=type_of(urn),
            olds=self._send(old_outputs),
            old_inputs=self._send(old_inputs),
            news=self._send(news),
            preview=preview,
        )
        response = await answer_to_change(self._stub.Update(request), lambda found: self._receive(found, news))
        return self._receive(response.properties, news)

    async def delete(self, urn: str, id_: str, inputs: PropertyMap, outputs: PropertyMap) -> None:
        """Delete a resource."""
        request = provider_pb2.DeleteRequest(
            id=id_,
            urn=urn,
            name=name_of(urn),
            type=type_of(urn),
            properties=self._send(outputs),
            old_inputs=self._send(inputs),
        )
        await answer_of(self._stub.Delete(request))

    async def read(
        self, urn: str, id_: str, inputs: PropertyMap | None, outputs: PropertyMap
    ) -> tuple[str, PropertyMap, PropertyMap | None]:
        """Read a resource: its id (empty if it is gone), outputs, and inputs where the provider can tell them."""
        request = provider_pb2.ReadRequest(
            id=id_,
            urn=urn,
            name=name_of(urn),
            type=type_of(urn),
            properties=self._send(outputs),
            inputs=self._send(inputs or {}),
        )
        response = await answer_of(self._stub.Read(request))
        known = {**(inputs or {}), **outputs}
        found = self._receive(response.inputs, known) if response.HasField("inputs") else None
        return response.id, self._receive(response.properties, known), found

    async def invoke(
        self, token: str, args: PropertyMap, *, preview: bool
    ) -> tuple[PropertyMap, list[tuple[str, str]]]:
        """Call a function of the provider; returns the result and the failures (property, reason)."""
        request = provider_pb2.InvokeRequest(tok=token, args=self._send(args), preview=preview)
        response: Any = await answer_of(self._stub.Invoke(request))
        failures = [(failure.property, failure.reason) for failure in response.failures]
        return from_struct(getattr(response, "return")), failures

    async def stop(self) -> None:
        """Tell the provider to give up, then end its process."""
        # Not every provider answers, and the process ends either way.
        with contextlib.suppress(grpc.aio.AioRpcError, TimeoutError):
            await asyncio.wait_for(self._stub.Cancel(empty_pb2.Empty()), _CANCEL_SECONDS)
        await self.plugin.stop()

    def _send(self, properties: PropertyMap) -> Any:
        return to_struct(properties, keep_secrets=self.accept_secrets, keep_resources=self.accept_resources)

    def _receive(self, struct: Any, sent: PropertyMap) -> PropertyMap:
        properties = from_struct(struct)
        if not self.accept_secrets:
            annotate_secrets(properties, sent)
        return properties


def _struct(properties: PropertyMap) -> Any:
    return to_struct(properties, keep_secrets=True)


def _plain(properties: PropertyMap) -> PropertyMap:
    return from_struct(to_struct(properties, keep_secrets=False))
