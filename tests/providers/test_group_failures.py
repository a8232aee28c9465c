"""Of 200 ExternalSecrets of a group five fail, each for a reason of its own: the others are written, and stay so."""

from dataclasses import dataclass

import pytest

from components.errors import WriteError
from components.providers.operation.process import forget
from sandbox.aws.api import AwsApi
from sandbox.kubernetes.calls import Call
from sandbox.kubernetes.faults import Fault
from sandbox.kubernetes.server import KubernetesApi
from sandbox.kubernetes.status import StatusError
from tests.providers.group_support import NAMESPACE, RecordedGroup
from tests.providers.support import cluster

pytestmark = pytest.mark.slow

NAMES = tuple(f"s{number:03}" for number in range(200))
DENIED, LOST, REFUSED, TAKEN, ELSEWHERE = "s010", "s050", "s090", "s130", "s199"
FAILING = {
    DENIED: "may not call ssm:GetParameters on arn:aws:ssm:eu-central-1:123456789012:parameter/denied",
    LOST: "it has no JSON property 'lost'",
    REFUSED: 'admission webhook "policy.example.com" denied the request',
    TAKEN: "was not created by this ExternalSecret",
    ELSEWHERE: "there is no namespace 'gone'",
}


@dataclass(frozen=True)
class Webhook(Fault):
    """One that refuses a Secret, and its dry run, too."""

    def status(self, call: Call) -> StatusError:  # noqa: ARG002
        """The refusal."""
        return StatusError(403, "Forbidden", 'admission webhook "policy.example.com" denied the request: not here')


def reads(name: str) -> dict[str, dict[str, str]]:
    if name == DENIED:
        return {"password": {"key": "/denied", "property": "password"}}
    return {"password": {"key": f"/app/{int(name[1:]) % 20}", "property": "lost" if name == LOST else "password"}}


@pytest.fixture
def group(aws: AwsApi, kubernetes: KubernetesApi, monkeypatch: pytest.MonkeyPatch) -> RecordedGroup:
    for name in ("/denied", *(f"/app/{number}" for number in range(20))):
        aws.put_parameter(name, '{"password": "canary-1"}')
    aws.faults.deny("ssm:GetParameters", "/denied")
    cluster("kubectl").apply_secret(NAMESPACE, TAKEN, {"data": {"a": "YQ=="}}, force=False)
    kubernetes.faults.add(Webhook(500, verb="patch", name=REFUSED, times=1000))
    made = RecordedGroup(reads)
    made.own[ELSEWHERE] = {"namespace": "gone"}
    made.record(monkeypatch)
    return made


def patched(kubernetes: KubernetesApi) -> list[str]:
    calls = [call for call in kubernetes.calls if call.verb == "patch" and not call.dry_run and call.status < 300]
    kubernetes.clear_calls()
    return sorted(call.name for call in calls)


def test_five_fail_alone(group: RecordedGroup, aws: AwsApi, kubernetes: KubernetesApi) -> None:
    kubernetes.clear_calls()
    forget()
    with pytest.raises(WriteError, match=r"^5 of 200 ExternalSecrets failed, and the rest is done$"):
        group.up(*NAMES)
    assert patched(kubernetes) == sorted(set(NAMES) - FAILING.keys())
    told = dict(zip(sorted(FAILING), group.reasons, strict=True))
    assert [name for name, line in told.items() if not line.startswith(f"ExternalSecret {name}: ")] == []
    assert [name for name, words in FAILING.items() if words not in told[name] or "\n" in told[name]] == []

    forget()
    failed = group.provider.check(group.inputs, group.news(*NAMES, preview=True)).failures
    seen = sorted({DENIED, TAKEN, ELSEWHERE})  # of a missing property the store's snapshot says it
    assert [each.reason.split(":")[0] for each in failed] == [f"ExternalSecret {name}" for name in seen]
    assert all(FAILING[name] in each.reason for name, each in zip(seen, failed, strict=True))

    aws.faults.clear()
    kubernetes.faults.clear()
    kubernetes.create_namespace("gone")
    group.data = lambda name: {"password": {"key": "/app/1"}} if name == LOST else reads(name)
    taken = cluster().get_secret_metadata(NAMESPACE, TAKEN)
    assert taken is not None
    cluster().delete_secret(NAMESPACE, TAKEN, uid=taken.uid)
    forget()
    kubernetes.clear_calls()
    assert group.up(*NAMES)
    assert patched(kubernetes) == sorted(FAILING), "the others are not written again"
    forget()
    assert group.is_settled(*NAMES)
