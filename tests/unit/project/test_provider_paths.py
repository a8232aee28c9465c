"""The providers' dotted paths are in every user's state: moving them breaks read and delete of what exists."""

import base64
import pickletools

import pytest
from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider

from components.program.resources import ClusterPush, ClusterSync, SecretPush, SecretSync, Snapshot
from components.providers.cluster_wide import ClusterPushProvider, ClusterSyncProvider
from components.providers.group import PushGroupProvider, SecretGroupProvider
from components.providers.push import PushProvider
from components.providers.snapshot import SnapshotProvider
from components.providers.sync import SyncProvider


@pytest.mark.parametrize(
    ("provider", "module", "name"),
    [
        (SnapshotProvider(), "components.providers.snapshot", "SnapshotProvider"),
        (SyncProvider(), "components.providers.sync", "SyncProvider"),
        (PushProvider(), "components.providers.push", "PushProvider"),
        (ClusterSyncProvider(), "components.providers.cluster_wide", "ClusterSyncProvider"),
        (ClusterPushProvider(), "components.providers.cluster_wide", "ClusterPushProvider"),
        (SecretGroupProvider(), "components.providers.group", "SecretGroupProvider"),
        (PushGroupProvider(), "components.providers.group", "PushGroupProvider"),
    ],
)
def test_a_pickle_is_the_path_and_nothing_else(provider: ResourceProvider, module: str, name: str) -> None:
    pickled = base64.b64decode(serialize_provider(provider))
    texts = [argument for _, argument, _ in pickletools.genops(pickled) if isinstance(argument, str)]
    assert texts == [module, name]
    assert len(pickled) < 100


def test_the_provider_is_not_a_secret_of_the_state() -> None:
    assert SnapshotProvider.serialize_as_secret_always is False
    assert SyncProvider.serialize_as_secret_always is False
    assert PushProvider.serialize_as_secret_always is False
    assert ClusterSyncProvider.serialize_as_secret_always is False
    assert ClusterPushProvider.serialize_as_secret_always is False


def test_the_type_tokens_are_part_of_every_urn() -> None:
    assert Snapshot._resource_type_name == "dynamic/parameterstore:Snapshot"
    assert SecretSync._resource_type_name == "dynamic/parameterstore:SecretSync"
    assert SecretPush._resource_type_name == "dynamic/parameterstore:SecretPush"
    assert ClusterSync._resource_type_name == "dynamic/parameterstore:ClusterSecretSync"
    assert ClusterPush._resource_type_name == "dynamic/parameterstore:ClusterSecretPush"
