"""Runs the methods of what keeps a cluster-wide kind in the engine's order, one process memory an operation."""

import base64
import hashlib
from typing import Any

import urllib3

from components.errors import ParameterStoreError
from components.providers.cluster_wide import ClusterProvider, ClusterPushProvider, ClusterSyncProvider
from components.providers.operation.process import forget
from sandbox.kubernetes.server import KubernetesApi
from tests.providers.group_support import plain
from tests.providers.support import Outcome, cluster

TEAMS = {"namespaceSelectors": [{"matchLabels": {"kind": "team"}}]}


class WideStack:
    """One cluster-wide kind, kept by the provider's methods alone.

    Attributes:
        choice: which namespaces it is for.
        more: further inputs.
        stack: name of the stack.
    """

    provider: ClusterProvider
    component: str

    def __init__(self, choice: dict[str, Any], name: str = "db", **more: Any) -> None:
        self.choice = choice
        self.more = more
        self.name = name
        self.stack = "dev"
        self.inputs: dict[str, Any] = {}
        self.outs: dict[str, Any] = {}

    def news(self, operation: dict[str, Any]) -> dict[str, Any]:
        """What the program tells."""
        urn = f"urn:pulumi:{self.stack}::shop::parameterstore:index:{self.component}::{self.name}"
        return {
            "choice": self.choice,
            "owner": {"id": hashlib.sha256(b"state").hexdigest()[:32], "urn": urn},
            **{key: value for key, value in self.more.items() if value is not None},
            "operation": operation,
        }

    def preview(self, **operation: Any) -> Outcome:
        """Check and diff; nothing is stored."""
        return self._run(apply=False, operation={"preview": True, "decrypt": False, **operation})

    def up(self, *, fresh: bool = True, **operation: Any) -> Outcome:
        """Check, diff, and do what they came to."""
        return self._run(apply=True, operation={"preview": False, "decrypt": True, **operation}, fresh=fresh)

    def refresh(self) -> None:
        """Read what is there."""
        forget()
        got = self.provider.read("id", self.outs)
        self.inputs, self.outs = dict(got.inputs or {}), dict(got.outs or {})

    def destroy(self) -> None:
        """Delete all."""
        forget()
        self.provider.delete("id", self.outs)

    def _run(self, *, apply: bool, operation: dict[str, Any], fresh: bool = True) -> Outcome:
        if fresh:
            forget()
        told = self.news(operation)
        if "mayCome" in operation:
            told["mayCome"] = operation.pop("mayCome")
        checked = self.provider.check(self.inputs, told)
        if checked.failures:
            return Outcome("failed", [failure.reason for failure in checked.failures])
        inputs = plain(dict(checked.inputs))
        change = "create"
        if self.outs:
            difference = self.provider.diff("id", self.outs, inputs)
            assert not difference.replaces
            change = "update" if difference.changes else "same"
        if apply:
            try:
                if change == "create":
                    self.outs = plain(dict(self.provider.create(inputs).outs or {}))
                elif change == "update":
                    self.outs = plain(dict(self.provider.update("id", self.outs, inputs).outs or {}))
            except ParameterStoreError as error:
                return Outcome("failed", [str(error)], inputs)
            self.inputs = inputs
        return Outcome(change, [], inputs)


class WideSecret(WideStack):
    """A ClusterExternalSecret of one parameter."""

    provider = ClusterSyncProvider()
    component = "ClusterExternalSecret"

    def __init__(self, choice: dict[str, Any], name: str = "db", **more: Any) -> None:
        given = {
            "secretName": name,
            "store": {"region": "eu-central-1"},
            "data": {"password": {"key": "/prod/db"}},
            "cluster": {},
        }
        super().__init__(choice, name, **{**given, **more})


class WidePush(WideStack):
    """A ClusterPushSecret of one Secret, `src`."""

    provider = ClusterPushProvider()
    component = "ClusterPushSecret"

    def __init__(self, choice: dict[str, Any], *data: dict[str, Any], name: str = "push", **more: Any) -> None:
        given = {"secret": "src", "stores": {"all": {"region": "eu-central-1"}}, "data": list(data), "cluster": {}}
        super().__init__(choice, name, **{**given, **more})


def namespace(kubernetes: KubernetesApi, name: str, **labels: str | None) -> None:
    """Create a namespace where there is none, and change its labels."""
    with urllib3.PoolManager(headers={"Authorization": f"Bearer {kubernetes.token}"}) as http:
        if http.request("GET", f"{kubernetes.url}/api/v1/namespaces/{name}").status == 404:
            kubernetes.create_namespace(name)
        answer = http.request(
            "PATCH",
            f"{kubernetes.url}/api/v1/namespaces/{name}",
            json={"metadata": {"labels": labels}},
            headers={
                "Authorization": f"Bearer {kubernetes.token}",
                "Content-Type": "application/merge-patch+json",
            },
        )
        assert answer.status == 200, answer.data


def held(*namespaces: str, name: str = "db") -> dict[str, str | None]:
    """Namespace -> the value of `password` in its Secret; None where there is no Secret."""
    found: dict[str, str | None] = {}
    for each in namespaces:
        secret = cluster().get_secret(each, name)
        value = (secret or {}).get("data", {}).get("password")
        found[each] = None if secret is None else base64.b64decode(value or "").decode()
    return found
