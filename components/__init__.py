"""AWS SSM Parameter Store secrets for Kubernetes as Pulumi components.

Everything a program needs can be imported from here. A name is loaded when it is first used (PEP 562): the dynamic
providers' process imports this package before anything else, so whatever loads here costs time in every preview.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .cluster_external_secret import ClusterExternalSecret
    from .cluster_push_secret import ClusterPushSecret
    from .external_secret import (
        ExternalSecret,
        Extract,
        Find,
        MergeRewrite,
        PushData,
        PushDataTo,
        PushMetadata,
        PushSecret,
        RegexpRewrite,
        RemoteRef,
        Target,
        Template,
        TemplateItem,
        TemplateSource,
        TransformRewrite,
    )
    from .manifests import Declared, Manifests, declare, load_manifests, read_manifests, tell
    from .parameter_store import (
        AccessKeyAuth,
        AssumedRole,
        Cluster,
        ClusterSecretStore,
        InvalidArgumentsError,
        KmsKey,
        LabelRequirement,
        NewRole,
        PodIdentityAuth,
        SecretKeyRef,
        SecretStore,
        ServiceAccountAuth,
        StoreArguments,
        StoreCondition,
    )
    from .status import (
        CLUSTER_OUTPUT,
        CLUSTER_PUSH_OUTPUT,
        OUTPUT,
        PUSH_OUTPUT,
        cluster_push_status_output,
        cluster_status_output,
        export_status,
        push_status_output,
        status_output,
    )

    __version__: str

__all__ = [
    "CLUSTER_OUTPUT",
    "CLUSTER_PUSH_OUTPUT",
    "OUTPUT",
    "PUSH_OUTPUT",
    "AccessKeyAuth",
    "AssumedRole",
    "Cluster",
    "ClusterExternalSecret",
    "ClusterPushSecret",
    "ClusterSecretStore",
    "Declared",
    "ExternalSecret",
    "Extract",
    "Find",
    "InvalidArgumentsError",
    "KmsKey",
    "LabelRequirement",
    "Manifests",
    "MergeRewrite",
    "NewRole",
    "PodIdentityAuth",
    "PushData",
    "PushDataTo",
    "PushMetadata",
    "PushSecret",
    "RegexpRewrite",
    "RemoteRef",
    "SecretKeyRef",
    "SecretStore",
    "ServiceAccountAuth",
    "StoreArguments",
    "StoreCondition",
    "Target",
    "Template",
    "TemplateItem",
    "TemplateSource",
    "TransformRewrite",
    "__version__",
    "cluster_push_status_output",
    "cluster_status_output",
    "declare",
    "export_status",
    "load_manifests",
    "push_status_output",
    "read_manifests",
    "status_output",
    "tell",
]

_DISTRIBUTION = "pulumi-parameter-store"
_UNKNOWN = "unknown"

if "pulumi" in sys.modules:
    # In a program: what its providers are given, and what transforms make of ours, may be before a name is used.
    from .arguments import provider_options as _provider_options  # noqa: F401
    from .arguments import transforms as _transforms  # noqa: F401

if not TYPE_CHECKING:  # a type checker that saw `__getattr__` would let every misspelt name pass
    # Those that load least come first.
    _FACES = (
        "parameter_store",
        "external_secret",
        "cluster_external_secret",
        "cluster_push_secret",
        "status",
        "manifests",
    )

    def __getattr__(name):  # noqa: ANN001, ANN202
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name == "__version__":
            value = _version()
        else:
            faces = (import_module(f".{each}", __name__) for each in _FACES)
            value = next(getattr(face, name) for face in faces if name in face.__all__)
        globals()[name] = value
        return value

    def __dir__():  # noqa: ANN202
        return sorted({*globals(), *__all__})


def _version() -> str:
    """The version in pyproject.toml: read in the file itself in a checkout, and in the wheel's metadata elsewhere.

    A copy of this folder has neither, or the file of another project: its version is `unknown`.
    """
    if __name__ == "components":
        import tomllib  # noqa: PLC0415 - only here

        try:
            text = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
            project = tomllib.loads(text)["project"]
            return str(project["version"]) if project["name"] == _DISTRIBUTION else _UNKNOWN
        except (OSError, ValueError, LookupError, TypeError):  # it is not there, not TOML, or of no project
            return _UNKNOWN
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - takes longer than all the rest

    try:
        return version(_DISTRIBUTION)
    except PackageNotFoundError:
        return _UNKNOWN
