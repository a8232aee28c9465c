"""The gRPC side of every provider: property values in and out, diffs in the protocol's form, clean failures."""

# ruff: noqa: N802 - the methods bear the protocol's names

import json
import traceback
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox.engine.values import PropertyMap, from_struct, to_struct, unwrap

from .changes import Changes, Kind
from .provider import Checked, Provider, ProviderFailure, State

_PropertyDiff = provider_pb2.PropertyDiff
_KINDS: dict[Kind, tuple[Any, Any]] = {
    "add": (_PropertyDiff.ADD, _PropertyDiff.ADD_REPLACE),
    "delete": (_PropertyDiff.DELETE, _PropertyDiff.DELETE_REPLACE),
    "update": (_PropertyDiff.UPDATE, _PropertyDiff.UPDATE_REPLACE),
}
_Method = Callable[["ProviderServicer", Any, grpc.ServicerContext], Any]


def _clean_failures(method: _Method) -> _Method:
    """Turn a failure into the one line that the user reads; a bug shows where it is, not what it quotes."""

    @wraps(method)
    def wrapped(self: "ProviderServicer", request: Any, context: grpc.ServicerContext) -> Any:
        try:
            return method(self, request, context)
        except ProviderFailure as failure:
            text = str(failure)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not reach the log with its text
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            text = f"a bug in the sandbox's {self.provider.package} provider: {type(error).__name__} at {where}"
        return context.abort(grpc.StatusCode.UNKNOWN, text)

    return wrapped


class ProviderServicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves a `Provider` over Pulumi's provider protocol; what it does not implement answers UNIMPLEMENTED.

    Args:
        provider: what is served.
    """

    def __init__(self, provider: Provider) -> None:
        self.provider = provider

    @_clean_failures
    def GetPluginInfo(self, _request: Any, _context: grpc.ServicerContext) -> Any:
        """Answer the plugin's version."""
        return plugin_pb2.PluginInfo(version=self.provider.version)

    @_clean_failures
    def GetSchema(self, _request: Any, _context: grpc.ServicerContext) -> Any:
        """Answer the package's schema."""
        return provider_pb2.GetSchemaResponse(schema=json.dumps(self.provider.schema()))

    @_clean_failures
    def CheckConfig(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Accept any configuration; Configure complains."""
        return provider_pb2.CheckResponse(inputs=request.news)

    @_clean_failures
    def DiffConfig(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Changed configuration updates the provider resource and replaces nothing."""
        changed = unwrap(from_struct(request.olds)) != unwrap(from_struct(request.news))
        some, none = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=some if changed else none)

    @_clean_failures
    def Configure(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Hand the configuration over; nested values may come as JSON text."""
        configuration = unwrap(from_struct(request.args))
        if not configuration:
            configuration = {name.rpartition(":")[2]: value for name, value in request.variables.items()}
        self.provider.configure({name: _decoded(value) for name, value in configuration.items()})
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @_clean_failures
    def Check(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Validate inputs and fill in defaults and names."""
        token, name = _token_and_name(request.urn)
        olds, news = from_struct(request.olds), from_struct(request.news)
        checked: Checked = self.provider.check(token, name, olds, news, request.randomSeed)
        failures = [provider_pb2.CheckFailure(property=where, reason=why) for where, why in checked.failures]
        return provider_pb2.CheckResponse(inputs=_struct(checked.inputs), failures=failures)

    @_clean_failures
    def Diff(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Compare old and new inputs."""
        # Engines before 3.60 send no old inputs; outputs of our types begin with the inputs.
        old = from_struct(request.old_inputs) or from_struct(request.olds)
        changes = self.provider.diff(_token_and_name(request.urn)[0], old, from_struct(request.news))
        return _diff_response(changes)

    @_clean_failures
    def Create(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Create a resource, or predict it."""
        token, _ = _token_and_name(request.urn)
        state = self.provider.create(token, from_struct(request.properties), preview=request.preview)
        return provider_pb2.CreateResponse(id=state.id, properties=_struct(state.outputs))

    @_clean_failures
    def Read(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Read a resource; one that is gone has no id."""
        token, _ = _token_and_name(request.urn)
        inputs, outputs = from_struct(request.inputs), from_struct(request.properties)
        state = self.provider.read(token, request.id, inputs, outputs)
        if state is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(id=state.id, properties=_struct(state.outputs), inputs=_struct(state.inputs))

    @_clean_failures
    def Update(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Change a resource in place, or predict it."""
        token, _ = _token_and_name(request.urn)
        old = State(request.id, from_struct(request.olds), from_struct(request.old_inputs))
        state = self.provider.update(token, old, from_struct(request.news), preview=request.preview)
        return provider_pb2.UpdateResponse(properties=_struct(state.outputs))

    @_clean_failures
    def Delete(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Delete a resource."""
        token, _ = _token_and_name(request.urn)
        state = State(request.id, from_struct(request.properties), from_struct(request.old_inputs))
        self.provider.delete(token, state)
        return empty_pb2.Empty()

    @_clean_failures
    def Invoke(self, request: Any, _context: grpc.ServicerContext) -> Any:
        """Call a function."""
        result = self.provider.invoke(request.tok, unwrap(from_struct(request.args)))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(_struct(result))
        return response

    @_clean_failures
    def Cancel(self, _request: Any, _context: grpc.ServicerContext) -> Any:
        """Say that it is heard: running calls finish, and the engine ends the process."""
        return empty_pb2.Empty()


def _struct(properties: PropertyMap) -> struct_pb2.Struct:
    return to_struct(properties, keep_secrets=True)


def _token_and_name(urn: str) -> tuple[str, str]:
    """Type token and name of `urn:pulumi:stack::project::parent$type::name`."""
    parts = urn.split("::", 3)
    if len(parts) != 4:  # noqa: PLR2004 - the four parts of a URN
        raise ProviderFailure(f"not a resource's URN: {urn!r}")
    return parts[2].rpartition("$")[2], parts[3]


def _decoded(value: Any) -> Any:
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _diff_response(changes: Changes) -> Any:
    if not changes.kinds:
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE, hasDetailedDiff=True)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME,
        diffs=changes.top_level,
        replaces=changes.replacing,
        deleteBeforeReplace=changes.delete_first,
        hasDetailedDiff=True,
        detailedDiff={
            path: _PropertyDiff(kind=_KINDS[kind][path in changes.replaces], inputDiff=True)
            for path, kind in changes.kinds.items()
        },
    )
