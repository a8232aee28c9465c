"""Credentials, region and endpoints of the provider: its own configuration first, the environment behind it."""

import os
import threading
from collections.abc import Mapping
from typing import Any

from sandbox.providers.provider import ProviderFailure

_USED = {"region", "accessKey", "secretKey", "token", "profile", "endpoints", "assumeRole", "assumeRoles"}
# They change nothing for the services used here.
_IGNORED_PREFIXES = ("skip", "s3Use", "version", "pluginDownloadURL", "maxRetries", "retryMode", "useFipsEndpoint")


class Clients:
    """boto3 clients by service, made once and shared by all threads.

    Args:
        configuration: `aws:` provider configuration with plain values.

    Raises:
        ProviderFailure: an option that this provider does not know.
    """

    def __init__(self, configuration: Mapping[str, Any]) -> None:
        unknown = [
            name for name in configuration if name not in _USED and not name.startswith((*_IGNORED_PREFIXES, "_"))
        ]
        if unknown:
            raise ProviderFailure(
                f"the sandbox's aws provider does not know the option {', '.join(sorted(unknown))}; "
                f"it knows {', '.join(sorted(_USED))}"
            )
        self._configuration = configuration
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._session: Any = None

    @property
    def region(self) -> str:
        """The region.

        Raises:
            ProviderFailure: none is configured.
        """
        region = (
            self._configuration.get("region") or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        )
        if not region:
            raise ProviderFailure("no AWS region: set the option aws:region or the variable AWS_REGION")
        return str(region)

    def __call__(self, service: str) -> Any:
        """Return the client of a service, such as `iam`."""
        with self._lock:
            if self._session is None:
                self._session = self._make_session()
            if service not in self._clients:
                self._clients[service] = self._make_client(self._session, service)
            return self._clients[service]

    def _make_client(self, session: Any, service: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415 - the plugin must start fast

        config = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5})
        return session.client(service, endpoint_url=self._endpoint(service), config=config)

    def _make_session(self) -> Any:
        from boto3.session import Session  # noqa: PLC0415 - the plugin must start fast

        given = self._configuration
        session = Session(
            region_name=self.region,
            aws_access_key_id=given.get("accessKey"),
            aws_secret_access_key=given.get("secretKey"),
            aws_session_token=given.get("token"),
            profile_name=given.get("profile"),
        )
        for role in _roles(given):
            asked = {
                "RoleArn": role["roleArn"],
                "RoleSessionName": role.get("sessionName", "pulumi"),
                "ExternalId": role.get("externalId"),
                "Policy": role.get("policy"),
            }
            answer = self._make_client(session, "sts").assume_role(**{k: v for k, v in asked.items() if v})
            keys = answer["Credentials"]
            session = Session(
                region_name=self.region,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
            )
        return session

    def _endpoint(self, service: str) -> str | None:
        """The configured endpoint; None leaves AWS_ENDPOINT_URL and its relatives to boto3."""
        endpoints = self._configuration.get("endpoints") or []
        for endpoint in endpoints if isinstance(endpoints, list) else [endpoints]:
            if endpoint.get(service):
                return str(endpoint[service])
        return None


def _roles(configuration: Mapping[str, Any]) -> list[dict[str, Any]]:
    roles = configuration.get("assumeRoles") or configuration.get("assumeRole") or []
    return roles if isinstance(roles, list) else [roles]
