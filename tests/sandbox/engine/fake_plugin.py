"""A provider plugin that knows secrets and previews, for tests: notes every request in the file CALLS."""

# ruff: noqa: N802, T201  the names are those of the protocol, and a plugin prints its port

import json
import os
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, json_format
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def note(op: str, request: Any) -> None:
    with Path(os.environ["CALLS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"op": op, **json_format.MessageToDict(request)}) + "\n")


class Fake(provider_pb2_grpc.ResourceProviderServicer):
    region = ""

    def CheckConfig(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("check_config", request)
        if "region" not in request.news.fields:
            failure = provider_pb2.CheckFailure(property="region", reason="a region is needed")
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("diff_config", request)
        changed = request.old_inputs != request.news
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(changes=changes, replaces=["region"] if changed else [])

    def Configure(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("configure", request)
        self.region = request.variables["fake:config:region"]
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptResources=True)

    def Check(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("check", request)
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("diff", request)
        changed = [key for key in request.news.fields if request.news.fields[key] != request.old_inputs.fields[key]]
        changes = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        detailed = {key: provider_pb2.PropertyDiff(kind=provider_pb2.PropertyDiff.UPDATE) for key in changed}
        return provider_pb2.DiffResponse(changes=changes, diffs=changed, detailedDiff=detailed, hasDetailedDiff=True)

    def outputs(self, inputs: Any, *, preview: bool) -> Any:
        outputs = type(inputs)()
        outputs.CopyFrom(inputs)
        outputs.fields["region"].string_value = self.region
        outputs.fields["arn"].string_value = UNKNOWN if preview else f"arn:{self.region}"
        return outputs

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        note("create", request)
        if request.properties.fields["unhealthy"].bool_value:
            detail = provider_pb2.ErrorResourceInitFailed(
                id="half", properties=self.outputs(request.properties, preview=False), reasons=["not ready"]
            )
            packed = any_pb2.Any()
            packed.Pack(detail)
            status = status_pb2.Status(code=2, message="created, but not healthy", details=[packed])
            context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
            context.abort(grpc.StatusCode.UNKNOWN, "created, but not healthy")
        id_ = "" if request.preview else "id-1"
        return provider_pb2.CreateResponse(id=id_, properties=self.outputs(request.properties, preview=request.preview))

    def Update(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("update", request)
        return provider_pb2.UpdateResponse(properties=self.outputs(request.news, preview=request.preview))

    def Delete(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("delete", request)
        return empty_pb2.Empty()

    def Read(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("read", request)
        properties = self.outputs(request.inputs, preview=False)
        return provider_pb2.ReadResponse(id=request.id, properties=properties, inputs=request.inputs)

    def Invoke(self, request: Any, _context: grpc.ServicerContext) -> Any:
        note("invoke", request)
        response = provider_pb2.InvokeResponse()
        if request.tok == "fake:index:refuse":
            response.failures.add(property="name", reason="no such name")
        getattr(response, "return").fields[
            "found"
        ].string_value = f"{self.region}/{request.args.fields['name'].string_value}"
        return response

    def Cancel(self, _request: Any, _context: grpc.ServicerContext) -> Any:
        return empty_pb2.Empty()

    def GetPluginInfo(self, _request: Any, _context: grpc.ServicerContext) -> Any:
        return plugin_pb2.PluginInfo(version="1.0.0")


def main() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Fake(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    print("the plugin has started", flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
