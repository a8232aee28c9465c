"""The settings of Pulumi's AWS and Kubernetes providers: what becomes of each here, and which is a misspelt one.

Pulumi ignores a setting that it does not know. Where the right one would decide the account or the cluster, the
environment then decides in silence.
"""

import re
from collections.abc import Iterable, Mapping

import pulumi
from pulumi.runtime.config import CONFIG

from ..arguments.invalid import InvalidArgumentsError
from ..arguments.provider_options import AWS, KUBERNETES, changed_by_engine
from ..core.spec.config_fields import alike, folded
from ..core.spec.runner_specs import CREDENTIALS
from ..errors import SpecError

FOLLOWED = {
    AWS: (
        "region",
        "profile",
        *CREDENTIALS,
        "allowedAccountIds",
        "forbiddenAccountIds",
        "endpoints",
        "assumeRole",
        "assumeRoles",
    ),
    KUBERNETES: ("kubeconfig", "context", "cluster"),
}
"""Settings of each provider that are followed here."""
INDIFFERENT = {
    AWS: (
        "defaultTags",
        "ignoreTags",
        "maxRetries",
        "retryMode",
        "s3UsEast1RegionalEndpoint",
        "s3UsePathStyle",
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
        "tagPolicyCompliance",
        "tokenBucketRateLimiterCapacity",
        "userAgents",
        "version",
        "pluginDownloadURL",
    ),
    KUBERNETES: (
        "namespace",  # each of ours names its own
        "alwaysRender",
        "clusterIdentifier",
        "deleteUnreachable",  # seen to where a cluster does not answer
        "enableConfigMapMutable",
        "enablePatchForce",
        "enableSecretMutable",
        "enableServerSideApply",
        "helmReleaseSettings",
        "kubeClientSettings",
        "skipUpdateUnreachable",
        "suppressDeprecationWarnings",
        "suppressHelmHookWarnings",
        "upsertExistingObjects",
    ),
}
"""Settings of which none decides what is read or written where, and as whom."""
REFUSED: Mapping[str, Mapping[str, str]] = {
    AWS: {
        "assumeRoleWithWebIdentity": "set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE in the environment, or give the "
        "store `auth`",
        "customCaBundle": "set AWS_CA_BUNDLE in the environment",
        "ec2MetadataServiceEndpoint": "set AWS_EC2_METADATA_SERVICE_ENDPOINT in the environment",
        "ec2MetadataServiceEndpointMode": "set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE in the environment",
        "httpProxy": "set HTTP_PROXY in the environment",
        "httpsProxy": "set HTTPS_PROXY in the environment",
        "insecure": "set AWS_CA_BUNDLE in the environment",
        "noProxy": "set NO_PROXY in the environment",
        "sharedConfigFiles": "set AWS_CONFIG_FILE in the environment",
        "sharedCredentialsFiles": "set AWS_SHARED_CREDENTIALS_FILE in the environment",
        "stsRegion": "set AWS_STS_ENDPOINT in the environment",
        "useDualstackEndpoint": "set AWS_USE_DUALSTACK_ENDPOINT in the environment",
        "useFipsEndpoint": "set AWS_USE_FIPS_ENDPOINT in the environment",
    },
    KUBERNETES: {"renderYamlToDirectory": "leave it out"},
}
"""Settings that cannot be honoured, and what to do instead."""
_OTHER = {
    # Those of older versions, and those that every package has.
    AWS: frozenset(("assumeRole", "s3ForcePathStyle", "skipGetEc2Platforms", "version", "pluginDownloadURL")),
    KUBERNETES: frozenset(
        ("enableDryRun", "enableReplaceCRD", "strictMode", "suppressDeprecationWarning", "version", "pluginDownloadURL")
    ),
}
SETTINGS = {
    package: frozenset((*FOLLOWED[package], *INDIFFERENT[package], *REFUSED[package])) - _OTHER[package]
    for package in (AWS, KUBERNETES)
}
"""The settings that each provider has in the version that we test with."""
_DECIDING = {
    AWS: (
        "accessKey",
        "allowedAccountIds",
        "assumeRoleWithWebIdentity",
        "assumeRoles",
        "endpoints",
        "forbiddenAccountIds",
        "profile",
        "region",
        "secretKey",
        "sharedConfigFiles",
        "sharedCredentialsFiles",
        "token",
    ),
    KUBERNETES: ("kubeconfig", "context", "cluster", "renderYamlToDirectory"),
}
"""Which of them decide where is read or written, or whether at all."""
_BY_OTHER_NAMES = {
    AWS: ("aws", "amazon", "amazonaws"),
    KUBERNETES: ("kubernetes", "k8s", "kube", "kubernetesio"),
}
_OTHER_WORDS: Mapping[str, Mapping[str, str]] = {
    AWS: {
        "secretaccesskey": "secretKey",
        **dict.fromkeys(("role", "rolearn", "roletoassume", "roletoassumearn", "externalid"), "assumeRoles"),
        **dict.fromkeys(("configfile", "configfiles"), "sharedConfigFiles"),
        **dict.fromkeys(("credentialsfile", "credentialsfiles", "sharedcredentials"), "sharedCredentialsFiles"),
    },
    KUBERNETES: {
        **dict.fromkeys(("configpath", "configpaths", "host", "server", "token", "clientkey"), "kubeconfig"),
        **dict.fromkeys(("clientcertificate", "clustercacertificate"), "kubeconfig"),
        "configcontext": "context",
        "configcontextcluster": "cluster",
    },
}
"""What AWS itself, or Terraform's provider, calls a setting, where that is no near name or nearer to another one."""
_PACKAGES = frozenset(("aws", "awsx", "kubernetes"))
"""Packages of Pulumi, one of which has a name near that of another."""
_NEAR_NAME = 0.75
_NEAR_NAMESPACE = 0.8
_WORDS_AROUND = re.compile(r"(?:aws|kube|kubernetes|k8s|current|default|session|use)*(.+?)(?:name|path|file|arn)?")


def refuse_misspelt(package: str, keys: Iterable[str], project: str, instead: str) -> None:
    """Refuse a setting that nobody reads, where the right one would decide the account or the cluster.

    Args:
        package: the provider's package, `aws` or `kubernetes`.
        keys: all keys of the stack's configuration, each as `namespace:name`.
        project: the project's name, which is the namespace of its own settings.
        instead: what else to give, so that no setting decides.

    Raises:
        SpecError: there is one; the text names it and the right one.
    """
    for key in sorted(keys):
        namespace, _, name = key.rpartition(":")
        if not _is_meant(namespace, package, project):
            continue
        meant = _meant(name, package, exactly=namespace == package)
        if meant:
            raise SpecError(
                f"the setting {key} has no effect, so that the environment would decide; write {package}:{meant}, "
                f"or {instead}"
            )


def unchanged(provider: pulumi.ProviderResource, where: str, taken: Iterable[str] = ()) -> pulumi.Output[bool]:
    """Hold what the engine made of a provider to what the program gave it: `transforms` may have changed it.

    Args:
        provider: the provider.
        where: what errors begin with.
        taken: the properties that matter here. Default: all that decide where is read or written, or whether at all.

    Returns:
        What nothing may be read or written before. It fails where one of them differs.
    """
    package = provider.package
    names = frozenset(taken or (*FOLLOWED[package], *REFUSED[package], "deleteUnreachable"))

    async def hold() -> bool:
        try:
            changed = sorted(names & await changed_by_engine(provider))
        except SpecError as error:
            raise InvalidArgumentsError(f"{where}: {error}") from None
        if changed:
            raise InvalidArgumentsError(
                f"{where}: a transform or ignore_changes changed {', '.join(changed)} of the {package} provider "
                f"{provider.pulumi_resource_name!r}, which cannot be followed here; give it to the provider itself"
            )
        return True

    return pulumi.Output.from_input(hold())


def keys_of_stack() -> list[str]:
    """All keys of the stack's configuration, wherever this process has it from."""
    return [*CONFIG.get(), *pulumi.runtime.get_config_env()]


def _is_meant(namespace: str, package: str, project: str) -> bool:
    """Whether a namespace is the package's, or one that somebody may have written for it."""
    if namespace == package:
        return True
    if namespace == project or namespace in _PACKAGES:
        return False
    inner = folded(namespace).removeprefix("pulumi")
    if inner in _BY_OTHER_NAMES[package] or sorted(inner) == sorted(package):
        return True
    return alike(inner, package) >= _NEAR_NAMESPACE


def _meant(name: str, package: str, *, exactly: bool) -> str | None:
    """The deciding setting that a name stands for; None where it is another setting, or none that we know.

    Args:
        name: what is written.
        package: the package.
        exactly: it stands in the package's own namespace, where the right name is right.
    """
    known, deciding = SETTINGS[package], _DECIDING[package]
    if name in known or name in _OTHER[package]:
        if exactly:
            return None
        name = "assumeRoles" if name == "assumeRole" else name
        return name if name in deciding else None
    if exactly and folded(name) in _OTHER_WORDS[package]:
        return _OTHER_WORDS[package][folded(name)]
    nearest = max(sorted(known), key=lambda each: alike(name, each))
    if alike(name, nearest) >= _NEAR_NAME:
        return nearest if nearest in deciding else None
    inner = _WORDS_AROUND.fullmatch(folded(name))
    return next((each for each in deciding if inner and folded(each).rstrip("s") == inner[1].rstrip("s")), None)
