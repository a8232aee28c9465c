"""Serves Pulumi's Engine service: the log messages of the program and of plugins."""

from __future__ import annotations

from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from sandbox.engine.deployment import Deployment
from sandbox.engine.events import Diagnostic

_SEVERITIES = {
    engine_pb2.LogSeverity.DEBUG: "debug",
    engine_pb2.LogSeverity.INFO: "info",
    engine_pb2.LogSeverity.WARNING: "warning",
    engine_pb2.LogSeverity.ERROR: "error",
}


class EngineLog(engine_pb2_grpc.EngineServicer):
    """Receives the log messages of the program and of providers."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment

    async def Log(self, request: engine_pb2.LogRequest, context: Any) -> empty_pb2.Empty:  # noqa: ARG002, N802
        """Show a message."""
        severity = _SEVERITIES.get(request.severity, "info")
        if severity != "debug":
            message = Diagnostic(request.urn, severity, request.message, request.streamId, request.ephemeral)
            self._deployment.tell(message)
        return empty_pb2.Empty()

    async def RequirePulumiVersion(self, request: Any, context: Any) -> engine_pb2.RequirePulumiVersionResponse:  # noqa: ARG002, N802
        """Accept: the program asks about a CLI that is not there."""
        return engine_pb2.RequirePulumiVersionResponse()
