"""What a signed AWS request says: service, operation, region, key and parameters, read once from the HTTP request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

DEFAULT_REGION = "us-east-1"
_REST_JSON = frozenset({"eks"})
_UNSIGNED = {"AssumeRoleWithWebIdentity": "sts", "AssumeRoleWithSAML": "sts"}


@dataclass(frozen=True)
class AwsRequest:
    """One request.

    Attributes:
        service: the signing name, such as `ssm`; for unsigned STS calls `sts`; empty when it cannot be told.
        operation: `GetParameters`, or `GET /path` for REST protocols.
        parameters: the decoded parameters of a JSON or query request; may hold secret values.
        region: the region of the credential scope.
        access_key_id: empty for unsigned calls.
        is_json: a JSON protocol; otherwise errors are answered as XML.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(repr=False)
    region: str = DEFAULT_REGION
    access_key_id: str = ""
    is_json: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """What the call is about: names of parameters or secrets, or the role of an STS call. Never values."""
        own = {"ssm": ("ResourceId",), "secretsmanager": ("SecretId", "SecretIdList")}
        members = ("Names", "Name", "RoleArn", *own.get(self.service, ()))
        found = next(filter(None, map(self.parameters.get, members)), ())
        return (found,) if isinstance(found, str) else tuple(str(name) for name in found)

    @property
    def path(self) -> str | None:
        """The path of GetParametersByPath, or the one that DescribeParameters filters by."""
        if self.operation == "GetParametersByPath":
            return str(self.parameters.get("Path", ""))
        if self.operation == "DescribeParameters":
            filters = self.parameters.get("ParameterFilters") or ()
            return next((str(value) for each in filters if each["Key"] == "Path" for value in each["Values"]), None)
        return None

    @property
    def decrypts(self) -> bool:
        """Whether the call asks for plaintext."""
        if self.service == "secretsmanager":
            return self.operation in ("GetSecretValue", "BatchGetSecretValue")
        return self.parameters.get("WithDecryption") is True


def parse(environ: Mapping[str, Any], body: bytes) -> AwsRequest:
    """Read a request from its WSGI environment and body."""
    access_key_id, region, service = _credential_scope(str(environ.get("HTTP_AUTHORIZATION", "")))
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        return AwsRequest(
            service or target.partition(".")[0].lower(),
            target.rpartition(".")[2],
            _json_object(body),
            region,
            access_key_id,
        )
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        operation = form.get("Action", "")
        return AwsRequest(
            service or _UNSIGNED.get(operation, ""), operation, form, region, access_key_id, is_json=False
        )
    operation = f"{environ.get('REQUEST_METHOD', '')} {environ.get('PATH_INFO', '')}"
    return AwsRequest(service, operation, {}, region, access_key_id, is_json=service in _REST_JSON)


def _credential_scope(authorization: str) -> tuple[str, str, str]:
    """Access key, region and service of `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`."""
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    if len(scope) != 5:  # noqa: PLR2004 - the five parts of a credential scope
        return "", DEFAULT_REGION, ""
    return scope[0], scope[2], scope[3]


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body or b"{}")
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}
