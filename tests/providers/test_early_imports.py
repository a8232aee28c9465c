"""A provider's threads import nothing that others of them import, too: at the same time, one of them would fail."""

import json
import subprocess
import sys

import pytest

from sandbox.aws.api import AwsApi

PROGRAM = """
import json
import sys

from components.providers.push import PushProvider
from components.providers.snapshot import SnapshotProvider
from components.providers.sync import SyncProvider
from pulumi.dynamic import Config, ConfigureRequest

snapshot, sync = SnapshotProvider(), SyncProvider()
snapshot.configure(ConfigureRequest(Config({}, "shop")))
before = set(sys.modules)
store, operation = {"region": "eu-central-1"}, {"preview": False, "decrypt": True}
inputs = {"store": store, "references": ["/a"], "operation": operation}
read = snapshot.check({"stateId": "0" * 32}, inputs)
owner = {"id": "0" * 32, "urn": "urn:pulumi:dev::shop::parameterstore:index:ExternalSecret::db"}
declared = {"namespace": "team-a", "secretName": "db", "owner": owner, "store": store, "cluster": {}}
checked = sync.check({}, {**declared, "data": {"a": {"key": "/a"}}, "operation": operation})
written = sync.create(dict(checked.inputs))
late = sorted(set(sys.modules) - before)
print(json.dumps([read.failures, checked.failures, written.outs["status"], late]))
"""


@pytest.mark.usefixtures("kubernetes")
def test_once_configured_a_provider_imports_nothing_of_the_clients(aws: AwsApi) -> None:
    aws.put_parameter("/a", "value")
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    *came, late = json.loads(done.stdout)
    assert came == [[], [], "SecretSynced"]
    packages = {"boto3", "botocore", "components", "dateutil", "jmespath", "urllib3", "yaml"}
    assert [name for name in late if name.partition(".")[0] in packages] == []
