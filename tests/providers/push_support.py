"""Runs the push's methods in the engine's order, one process memory an operation, with a state."""

import base64
import hashlib
import json
from typing import Any

import urllib3

from components.errors import ParameterStoreError
from components.providers.operation.process import forget
from components.providers.operation.unfinished import UnfinishedError
from components.providers.push import PushProvider
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.support import NAMESPACE, Outcome

OWNER = "pulumi-parameter-store/owner"
STRING = {"metadata": {"secretType": "String"}}


class PushStack:
    """One PushSecret, kept by the provider's methods alone.

    Attributes:
        data: its entries.
        more: further inputs.
        stores: its stores.
        state_id: the id of the state; None for one that has none yet.
    """

    def __init__(self, *data: dict[str, Any], name: str = "push", **more: Any) -> None:
        self.data = list(data)
        self.more = more
        self.name = name
        self.parents = ""
        self.stack = "dev"
        self.secret = "src"
        self.stores: dict[str, dict[str, Any]] = {"team-a": {"region": "eu-central-1"}}
        self.state_id: str | None = hashlib.sha256(b"state").hexdigest()[:32]
        self.inputs: dict[str, Any] = {}
        self.outs: dict[str, Any] = {}

    @property
    def urn(self) -> str:
        return f"urn:pulumi:{self.stack}::shop::{self.parents}parameterstore:index:PushSecret::{self.name}"

    def preview(self, *, fresh: bool = True, **operation: Any) -> Outcome:
        return self._run(apply=False, operation={"preview": True, "decrypt": False, **operation}, fresh=fresh)

    def up(self, *, fresh: bool = True, **operation: Any) -> Outcome:
        return self._run(apply=True, operation={"preview": False, "decrypt": True, **operation}, fresh=fresh)

    def refresh(self) -> dict[str, Any]:
        forget()
        got = PushProvider().read("id", self.outs)
        self.inputs, self.outs = (dict(got.inputs or {}), dict(got.outs or {})) if got.id else ({}, {})
        return self.outs

    def destroy(self) -> None:
        forget()
        PushProvider().delete("id", self.outs)
        self.inputs, self.outs = {}, {}

    def _news(self, operation: dict[str, Any]) -> dict[str, Any]:
        owner = {"urn": self.urn, **({} if self.state_id is None else {"id": self.state_id})}
        return {
            "namespace": NAMESPACE,
            **({"secret": self.secret} if self.secret else {}),
            "owner": owner,
            "stores": self.stores,
            "data": self.data,
            **self.more,
            "operation": dict(operation),
        }

    def _run(self, *, apply: bool, operation: dict[str, Any], fresh: bool = True) -> Outcome:
        if fresh:
            forget()
        provider = PushProvider()
        checked = provider.check(self.inputs, self._news(operation))
        if checked.failures:
            return Outcome("failed", [failure.reason for failure in checked.failures])
        inputs = dict(checked.inputs)
        change = "create"
        if self.outs:
            change = "update" if provider.diff("id", self.outs, inputs).changes else "same"
        if apply:
            try:
                if change == "create":
                    self.outs = dict(provider.create(inputs).outs or {})
                elif change == "update":
                    self.outs = dict(provider.update("id", self.outs, inputs).outs or {})
            except UnfinishedError as error:
                self.outs = dict(error.outs)
                self.inputs = inputs if change == "create" else self.inputs  # as the engine keeps them
                return Outcome("failed", [str(error)])
            except ParameterStoreError as error:
                return Outcome("failed", [str(error)])
            self.inputs = inputs
        return Outcome(change, list(inputs.get("changes") or []), inputs)


def changes(outcome: Outcome) -> list[str]:
    """What a preview says, of an operation that did not fail."""
    assert outcome.change != "failed", outcome.failures
    return outcome.failures


def entry(key: str | None, remote: str, prop: str | None = None, **metadata: Any) -> dict[str, Any]:
    """One entry of `data`, of type String unless it says otherwise."""
    given = {"secretKey": key, "remoteKey": remote, "property": prop, "metadata": {"secretType": "String", **metadata}}
    return {name: value for name, value in given.items() if value is not None}


def put_secret(kubernetes: KubernetesApi, values: dict[str, str | bytes], name: str = "src") -> None:
    """Create or replace a Secret."""
    raw = {key: value.encode() if isinstance(value, str) else value for key, value in values.items()}
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "data": {key: base64.b64encode(value).decode() for key, value in raw.items()},
    }
    with urllib3.PoolManager() as http:
        url = f"{kubernetes.url}/api/v1/namespaces/{NAMESPACE}/secrets"
        headers = {"Authorization": f"Bearer {kubernetes.token}", "Content-Type": "application/json"}
        answer = http.request("POST", url, body=json.dumps(body), headers=headers)
        if answer.status == 409:
            answer = http.request("PUT", f"{url}/{name}", body=json.dumps(body), headers=headers)
        assert answer.status in (200, 201), answer.data


def label(kubernetes: KubernetesApi, name: str, value: str | None) -> None:
    """Set or remove the label `push` of a Secret."""
    with urllib3.PoolManager() as http:
        url = f"{kubernetes.url}/api/v1/namespaces/{NAMESPACE}/secrets/{name}"
        headers = {
            "Authorization": f"Bearer {kubernetes.token}",
            "Content-Type": "application/merge-patch+json",
        }
        answer = http.request("PATCH", url, json={"metadata": {"labels": {"push": value}}}, headers=headers)
        assert answer.status == 200, answer.data


def parameter(aws: AwsApi, name: str) -> tuple[str, dict[str, str]] | None:
    """A parameter's value and tags; None where there is none."""
    ssm = aws.client("ssm")
    try:
        value = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        return None
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return value, {tag["Key"]: tag["Value"] for tag in tags}


def described(aws: AwsApi, name: str) -> Any:
    """What AWS tells of a parameter without its value."""
    asked = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (found,) = aws.client("ssm").describe_parameters(ParameterFilters=asked)["Parameters"]
    return found


def operations(aws: AwsApi) -> list[str]:
    """The calls since they were cleared last."""
    return [f"{call.operation}{' decrypted' if call.decrypt else ''}" for call in aws.calls]
