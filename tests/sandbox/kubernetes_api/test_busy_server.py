"""An API server that has more to do than it admits at once answers 429; whoever waits as told comes through."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import urllib3

from components.clients.kubernetes.client import KubernetesClient
from components.clients.kubernetes.connection import load_cluster
from sandbox.environment import Kubernetes
from sandbox.kubernetes import Fault, KubernetesApi
from tests.sandbox.kubernetes_api.cluster import body

WRITERS = 16
ROLE = {"rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "patch"]}]}
# One write at a time; the administrator is never refused.
NARROW = ("--enable-priority-and-fairness=false", "--max-mutating-requests-inflight=1", "--max-requests-inflight=100")


@pytest.fixture
def busy(request: pytest.FixtureRequest) -> Iterator[Kubernetes]:
    """A server that is too small for its writers."""
    if request.config.getoption("api") == "sandbox":
        with KubernetesApi() as api:
            api.faults.add(Fault(429, verb="patch", times=WRITERS // 2))
            yield api
        return
    from tools.api_server.binaries import built  # noqa: PLC0415 - there may be none
    from tools.api_server.cluster import RealKubernetes  # noqa: PLC0415
    from tools.api_server.server import ApiServer  # noqa: PLC0415

    binaries = built()
    assert binaries is not None
    with ApiServer(binaries, *NARROW) as server, RealKubernetes(server) as api:
        yield api


def test_writers_that_are_refused_for_now_all_come_through(busy: Kubernetes, tmp_path: Path) -> None:
    path = tmp_path / "kubeconfig"
    busy.create_namespace("team-a")
    accounts = f"{busy.url}/api/v1/namespaces/team-a/serviceaccounts"
    with urllib3.PoolManager(headers={"Authorization": f"Bearer {busy.token}"}) as http:
        minted = http.request("POST", f"{accounts}/default/token", json={"spec": {}}).json()
    busy.grant("system:serviceaccount:team-a:default", ROLE, "team-a")
    path.write_text(busy.kubeconfig_text(minted["status"]["token"]))
    client = KubernetesClient(load_cluster(str(path), None, {}), pool_size=WRITERS)
    with ThreadPoolExecutor(WRITERS) as threads:
        names = threads.map(
            lambda number: client.apply_secret("team-a", f"s-{number}", body(key="v"), force=False).name,
            range(2 * WRITERS),
        )
    assert len(set(names)) == 2 * WRITERS
    client.close()
    statuses = [call.status for call in busy.calls if call.verb == "patch"]
    assert statuses.count(201) == 2 * WRITERS
    assert statuses.count(429) > 0
    assert set(statuses) == {201, 429}
