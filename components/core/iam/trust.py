"""Trust policies: who may take a role that a store creates, exactly and by StringEquals.

AWS pages: "IAM roles for service accounts", "EKS Pod Identity: IAM role", "AWS STS condition keys".
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...display import shown_given_url
from ...errors import SpecError
from .texts import exact, literal

AUDIENCE = "sts.amazonaws.com"
"""The audience of ServiceAccount tokens for STS, in all partitions: it is a name, not a host."""
POD_IDENTITY = "pods.eks.amazonaws.com"

Conditions = Mapping[str, Mapping[str, Any]]
_ISSUER = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]+)?")
_NO_MORE = "; an issuer has no user name, password or query"
_PROVIDER = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/(.+)")
_CLUSTER = re.compile(r"arn:aws[a-z-]*:eks:[a-z0-9-]+:[0-9]{12}")
_CLUSTER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_PRINCIPAL = re.compile(
    r"arn:aws[a-z-]*:(iam::\d{12}:(root|(role|user)(/[\w+=,.@-]+)+)|sts::\d{12}:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+)"
    r"|\d{12}",
    re.ASCII,
)


def web_identity(provider: str, issuer: str, namespace: str, service_account: str, audience: str = AUDIENCE) -> str:
    """One ServiceAccount of one cluster may take the role with a token for one audience (IRSA).

    Args:
        provider: ARN of the cluster's OIDC provider in IAM.
        issuer: the issuer's URL without `https://`.
        namespace: the ServiceAccount's namespace.
        service_account: its name.
        audience: audience of its tokens.

    Raises:
        SpecError: one of them cannot be one, or has a wildcard or a policy variable in it.
    """
    _check_provider(provider, issuer)
    for what, text in (("namespace", namespace), ("service_account", service_account), ("audience", audience)):
        exact(what, text)
    subject = f"system:serviceaccount:{namespace}:{service_account}"
    equal = {f"{issuer}:aud": audience, f"{issuer}:sub": subject}
    return _trust({"Federated": provider}, ["sts:AssumeRoleWithWebIdentity"], {"StringEquals": equal})


def pod_identity(cluster_arn: str, account: str, namespace: str, service_account: str) -> str:
    """Pods of one ServiceAccount of one cluster may take the role; no other association can hand it out.

    Raises:
        SpecError: one of them cannot be one, or has a wildcard or a policy variable in it.
    """
    arn, _, name = cluster_arn.partition(":cluster/")
    check_cluster_name(name)
    if not _CLUSTER.fullmatch(arn) or not _ACCOUNT.fullmatch(account):
        raise SpecError(f"cluster: {cluster_arn!r} in account {account!r} is not the ARN of an EKS cluster")
    exact("namespace", namespace)
    exact("service_account", service_account)
    equal = {
        "aws:RequestTag/eks-cluster-arn": cluster_arn,
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": service_account,
        "aws:SourceAccount": account,
    }
    conditions = {"StringEquals": equal, "ArnEquals": {"aws:SourceArn": cluster_arn}}
    return _trust({"Service": POD_IDENTITY}, ["sts:AssumeRole", "sts:TagSession"], conditions)


def assumed_by(
    principals: Sequence[str],
    external_id: str | None = None,
    session_tags: Sequence[tuple[str, str]] = (),
    transitive_tag_keys: Sequence[str] = (),
    *,
    allow_wildcards: bool = False,
) -> str:
    """Given principals may assume the role, with the external ID and the session tags that the store passes.

    Args:
        principals: ARNs of roles, users or accounts.
        external_id: must be passed, if given.
        session_tags: must be passed with just these values, and no others.
        transitive_tag_keys: those that may be passed on to further roles.
        allow_wildcards: the user knows that a principal is a wildcard, and wants it.

    Raises:
        SpecError: a principal is a wildcard or not valid; the external ID or a session tag has a policy variable in it.
    """
    literal("externalID", external_id or "")
    for text in (*transitive_tag_keys, *(each for tag in session_tags for each in tag)):
        literal("sessionTags", text)
    for principal in principals:
        check_principal(principal, allow_wildcards=allow_wildcards)
    equal: dict[str, str] = {"sts:ExternalId": external_id} if external_id else {}
    equal |= {f"aws:RequestTag/{key}": value for key, value in session_tags}
    conditions: dict[str, dict[str, Any]] = {"StringEquals": equal} if equal else {}
    if session_tags:
        conditions["ForAllValues:StringEquals"] = {"aws:TagKeys": sorted(key for key, _ in session_tags)}
        if transitive_tag_keys:
            conditions["ForAllValues:StringEquals"]["sts:TransitiveTagKeys"] = sorted(transitive_tag_keys)
    actions = ["sts:AssumeRole", *(["sts:TagSession"] if session_tags else [])]
    return _trust({"AWS": sorted(principals)}, actions, conditions)


def statement_of(trust: str) -> str:
    """The one statement of a trust policy made here, in one line, for messages."""
    return json.dumps(json.loads(trust)["Statement"][0])


def check_cluster_name(name: str) -> None:
    """Refuse what is no EKS cluster's name."""
    if not _CLUSTER_NAME.fullmatch(name):
        raise SpecError(
            f"cluster: {name!r} is not an EKS cluster's name; write up to 100 letters, digits, '-' and '_' that begin "
            "with a letter or digit, or give the cluster's resource"
        )


def check_provider(given: str) -> None:
    """Refuse what names no OIDC provider, by its ARN or its URL."""
    arn = _PROVIDER.fullmatch(given)
    issuer = arn[1] if arn else given.removeprefix("https://").rstrip("/")
    if given.startswith(("arn:", "https://")) and _ISSUER.fullmatch(issuer) and (arn or not given.startswith("arn:")):
        return
    raise SpecError(
        f"oidc_provider: {shown_given_url(given)} is neither the ARN nor the URL of an OIDC provider; write "
        "arn:<partition>:iam::<account>:oidc-provider/<issuer> or https://<issuer>, or give the EKS cluster's resource"
        f"{_NO_MORE if '@' in given or '?' in given else ''}"
    )


def _check_provider(provider: str, issuer: str) -> None:
    check_provider(provider)
    if not provider.endswith(f":oidc-provider/{issuer}"):
        raise SpecError(
            f"oidc_provider: {shown_given_url(provider)} is not the provider of the issuer {shown_given_url(issuer)}"
        )


def check_principal(principal: str, *, allow_wildcards: bool) -> None:
    """Refuse who may not take a role: a wildcard, or what is no principal."""
    if "*" in principal:
        exact("principals", principal.replace("*", ""))
        if allow_wildcards:
            return
        raise SpecError(
            f"principals: {principal!r} would let anybody whom the wildcard names read the store's parameters; "
            "write the ARN of each role, user or account, or set allow_wildcards if that is what you want"
        )
    if not _PRINCIPAL.fullmatch(principal):
        raise SpecError(
            f"principals: {principal!r} is not the ARN of a role, a user or an account: write "
            "arn:<partition>:iam::<account>:role/<name>"
        )


def _trust(principal: Mapping[str, Any], actions: Sequence[str], conditions: Conditions) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": actions}
    document = {
        "Version": "2012-10-17",
        "Statement": [{**statement, **({"Condition": conditions} if conditions else {})}],
    }
    return json.dumps(document, separators=(",", ":"))
