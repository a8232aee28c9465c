"""What ESO's manifests have no field for is an annotation of ours; written elsewhere, it is an error that says so."""

from typing import Any

import pytest

from components.manifests import read_manifests
from components.parameter_store import InvalidArgumentsError
from tests.components.manifest_objects import secret
from tests.components.test_push_manifests import push

ADOPT, IMMUTABLE = "pulumi-parameter-store/adopt", "pulumi-parameter-store/replace-immutable"
LABELS = {"labels": {ADOPT: "true"}}


def wide(kind: str, version: str, **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": f"external-secrets.io/{version}",
        "kind": kind,
        "metadata": {"name": "db"},
        "spec": {"namespaces": ["team-a"], **spec},
    }


@pytest.mark.parametrize(
    ("manifest", "where"),
    [
        (secret(metadata=LABELS), "ExternalSecret team-a/db: metadata.labels"),
        (
            secret(metadata=LABELS, target={"template": {"data": {"k": "v"}}}),
            "ExternalSecret team-a/db: metadata.labels",
        ),
        (push(LABELS), "PushSecret team-a/push: metadata.labels"),
        (
            wide("ClusterExternalSecret", "v1", externalSecretSpec=secret()["spec"], externalSecretMetadata=LABELS),
            "ClusterExternalSecret db: spec.externalSecretMetadata.labels",
        ),
        (
            wide("ClusterPushSecret", "v1alpha1", pushSecretSpec=push()["spec"], pushSecretMetadata=LABELS),
            "ClusterPushSecret db: spec.pushSecretMetadata.labels",
        ),
    ],
)
def test_a_label_of_ours_is_an_error(manifest: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        read_manifests(manifest)
    told = f"manifests: {where}: label '{ADOPT}' has no effect; write it under annotations"
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("manifest", "field", "annotation"),
    [
        (secret(target={"adopt": True}), "target.adopt", ADOPT),
        (secret(target={"replaceImmutable": True}), "target.replaceImmutable", IMMUTABLE),
        (push(adopt=True), "adopt", ADOPT),
        (push(restore=True), "restore", "pulumi-parameter-store/restore"),
    ],
)
def test_a_field_that_only_settings_have_names_its_annotation(
    manifest: dict[str, Any], field: str, annotation: str
) -> None:
    with pytest.raises(InvalidArgumentsError) as caught:
        read_manifests(manifest)
    instead = f'a manifest has no such field; write the annotation {annotation}: "true" under metadata.annotations'
    assert str(caught.value).endswith(f": spec.{field}: {instead}")
