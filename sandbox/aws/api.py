"""`AwsApi`: start the sandbox's AWS in this process, put parameters, inject faults and count calls."""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, ClassVar, Literal, Self

from botocore.config import Config
from moto.core.models import DEFAULT_ACCOUNT_ID

from .calls import Call
from .faults import Faults
from .gateway import Gateway
from .iam.permission import Permission
from .iam.web_identity import KeySet
from .profiles import session_without_profiles
from .server import Server

ParameterType = Literal["String", "StringList", "SecureString"]
ACCESS_KEY_ID = "AKIASANDBOX000000000"
SECRET_ACCESS_KEY = "sandbox"  # noqa: S105 - signatures are not checked


class AwsApi:
    """AWS on 127.0.0.1, in a thread of this process.

        with AwsApi() as aws:
            aws.put_parameter("/prod/db", "...")
            aws.client("ssm").get_parameters(Names=["/prod/db"])
            assert [call.names for call in aws.calls] == [("/prod/db",)]

    One process has one AWS, since moto's state is global: a second one beside it fails, a later one starts empty.

    Args:
        region: default region of `client` and `environment`.
        port: 0 takes a free one.
        host: address to listen on.

    Attributes:
        account: the account of every caller that did not assume a role elsewhere.
    """

    _running: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, region: str = "eu-central-1", port: int = 0, host: str = "127.0.0.1") -> None:
        self.region = region
        self.account = DEFAULT_ACCOUNT_ID
        self._closing = threading.Event()
        self._gateway = Gateway(self._closing.wait)
        self._host, self._port = host, port
        self._session = session_without_profiles(region)

    def __enter__(self) -> Self:
        """Start to serve.

        Raises:
            RuntimeError: another AwsApi runs in this process.
        """
        if not AwsApi._running.acquire(blocking=False):
            raise RuntimeError("another AwsApi runs in this process; share it, or start `python -m sandbox.aws`")
        try:
            self.reset()
            self._server = Server(self._gateway, self._host, self._port)
            self._server.__enter__()
        except BaseException:
            AwsApi._running.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.__exit__(kind, error, trace)
        AwsApi._running.release()

    @property
    def url(self) -> str:
        """The endpoint of every service."""
        return self._server.url

    @property
    def faults(self) -> Faults:
        """What goes wrong: throttling, denials and so on."""
        return self._gateway.faults

    @property
    def calls(self) -> list[Call]:
        """The calls since the start or `clear_calls`, in the order in which they were answered."""
        return self._gateway.calls.snapshot()

    @property
    def authorises(self) -> bool:
        """Whether callers are held to IAM policies (on at first); the sandbox's own user may do everything."""
        return self._gateway.authoriser.enabled

    @authorises.setter
    def authorises(self, enabled: bool) -> None:
        self._gateway.authoriser.enabled = enabled

    @property
    def granted(self) -> list[tuple[str, Permission]]:
        """(caller's ARN, permission) of every permission that was checked and given, oldest first."""
        return list(self._gateway.authoriser.log)

    def publish_keys(self, issuer: str, keys: Callable[[], KeySet]) -> None:
        """Let STS find the keys of an OIDC issuer, which it would fetch from the internet.

        Args:
            issuer: the issuer's URL.
            keys: answers its JSON Web Key Set.
        """
        self._gateway.authoriser.issuers[issuer.removeprefix("https://").rstrip("/")] = keys

    def clear_calls(self) -> None:
        """Empty the call log."""
        self._gateway.calls.clear()

    def reset(self) -> None:
        """Forget all AWS resources, calls and faults."""
        self._gateway.reset()

    def put_parameter(
        self,
        name: str,
        value: str,
        type: ParameterType = "SecureString",  # noqa: A002 - the API's name
        *,
        overwrite: bool = True,
        account: str | None = None,
        **more: Any,
    ) -> int:
        """Write a parameter from the outside: not logged, not hit by faults.

        Args:
            name: full name; a hierarchy starts with a slash.
            value: the value.
            type: String, StringList or SecureString.
            overwrite: whether to add a version to an existing parameter.
            account: another account than the sandbox's own.
            more: further request members, such as `KeyId` or `Tier`.

        Returns:
            The version.

        Raises:
            AwsError: what AWS would answer.
        """
        request = {"Name": name, "Value": value, "Type": type, "Overwrite": overwrite, **more}
        return self._gateway.put_parameter(request, account or self.account, self.region)

    def hold_tags(self, name: str, tags: dict[str, str]) -> None:
        """Give a parameter tags from the outside, also such as AWS refuses: not logged, not hit by faults."""
        self._gateway.hold_tags(name, tags, self.account, self.region)

    def client(self, service: str, **credentials: str) -> Any:
        """Return a boto3 client of this AWS, without retries.

        Args:
            service: such as `ssm`.
            credentials: `aws_access_key_id` and so on of an assumed role; the sandbox's test keys otherwise.
        """
        keys = credentials or {"aws_access_key_id": ACCESS_KEY_ID, "aws_secret_access_key": SECRET_ACCESS_KEY}
        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
        create: Any = self._session.client  # typed for literal service names only
        return create(service, endpoint_url=self.url, config=config, **keys)

    def environment(self) -> dict[str, str]:
        """Return the environment variables that make SDKs, CLIs and the sandbox's providers use this AWS."""
        return environment(self.url, self.region)


def environment(url: str, region: str) -> dict[str, str]:
    """Return the environment variables for the AWS at `url`; see `AwsApi.environment`."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_SSM_ENDPOINT": url,
        "AWS_SECRETSMANAGER_ENDPOINT": url,
        "AWS_STS_ENDPOINT": url,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
