"""How the AWS SDK is set up for every client: time limits, endpoints, no retries of its own, no values in its logs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...core.services import endpoint_names
from ...core.spec.runner_fields import check_endpoint
from ...errors import IdentityError, SpecError
from ..logs import silence_debug_logs
from .failures import CORRECT, Kind, classify, refuse_of_others
from .sdk_limits import limit_chain, limit_client, refuse_unusable_certificates, refuse_unusual_file

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.credentials import Credentials
    from botocore.loaders import Loader
    from botocore.session import Session

PRODUCT = "pulumi-parameter-store"
CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 15.0
# Above any sensible concurrency: a pool that is too small throws connections away.
_POOLED_CONNECTIONS = 32
_FILES = {
    "config_file": ("configuration", "AWS_CONFIG_FILE"),
    "credentials_file": ("credentials", "AWS_SHARED_CREDENTIALS_FILE"),
}
"""The files that botocore itself reads: what they hold, and what names them; it passes over a pipe without a word."""


@dataclass(frozen=True)
class Sdk:
    """What all sessions and clients of one store have in common.

    Attributes:
        region: the store's region; STS is asked there too.
        endpoints: URLs by service, where the environment names them.
        config: botocore's settings.
        progress: gets a line about what is waited for, when that takes long.
    """

    region: str
    endpoints: Mapping[str, str]
    config: Config
    progress: Callable[[str], None]

    def session(self, credentials: Credentials | None = None, profile: str | None = None) -> Session:
        """A session of botocore with these credentials, or with those of its default chain, or of a profile."""
        session: Session = _session_type()(self.endpoints, profile, self.progress)
        session.set_config_variable("region", self.region)
        session.register_component("data_loader", _service_models())
        if credentials is not None:
            session.register_component("credential_provider", _Given(credentials))
        return session

    def anonymous(self) -> Session:
        """A session for unsigned calls, which looks for no credentials."""
        session = self.session()
        session.register_component("credential_provider", _Given(None))
        return session

    def client(self, session: Session, service: str, *, tells: bool = True) -> Any:
        """A client of boto3's kind.

        Args:
            session: with the credentials.
            service: the service's name in boto3.
            tells: whether the client tells what it waits for, when that takes long.

        Raises:
            SpecError: the SDK's own endpoint setting (AWS_ENDPOINT_URL) is not a URL, or holds a password or a query.
            IdentityError: the SDK's own configuration cannot be used: a profile or a file of it is not there.
        """
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415

        where = f"the endpoint that the AWS configuration names for {service}"
        try:
            client = session.create_client(  # type: ignore[call-arg] # `tells` is of SessionAtEndpoints below
                service, region_name=self.region, config=self.config, tells=tells
            )
        except ValueError:
            raise SpecError(f"{where} is not a URL: write http(s)://host:port") from None
        except (BotoCoreError, AttributeError, KeyError, TypeError) as error:  # a section that is a word, for example
            failure = classify(error)
            if failure.kind is Kind.CREDENTIALS:
                why = f": AWS credentials {failure.reason}{failure.named}; correct AWS_PROFILE or the files in ~/.aws"
            else:
                why = f" ({failure.code}); {CORRECT}"
            raise IdentityError(f"the AWS configuration cannot be used{why}") from None
        check_endpoint(client.meta.endpoint_url, where)
        return client


def configure(
    region: str,
    environ: Mapping[str, str],
    connect_timeout: float = CONNECT_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
    progress: Callable[[str], None] = lambda _: None,
    given: Iterable[tuple[str, str]] = (),
) -> Sdk:
    """Set up the SDK for one store.

    Args:
        region: the store's region.
        environ: where AWS_SSM_ENDPOINT and AWS_STS_ENDPOINT (ESO's names) are looked up, and those of other services.
            Without them the SDK's own AWS_ENDPOINT_URL_SSM, AWS_ENDPOINT_URL_STS and AWS_ENDPOINT_URL hold.
        connect_timeout: seconds to wait for a connection.
        read_timeout: seconds to wait for an answer.
        progress: gets a line about what is waited for, when that takes long.
        given: services and URLs that Pulumi's AWS provider was given, which go before the environment's.

    Raises:
        SpecError: an endpoint is not a URL, or holds a password or a query.
    """
    # Lazily, here and below: importing botocore takes longer than all else that a preview without changes does.
    from botocore.config import Config  # noqa: PLC0415

    silence_debug_logs()
    endpoints = {}
    for service in endpoint_names():
        variable = f"AWS_{service.upper()}_ENDPOINT"
        url = environ.get(variable)
        if url:
            endpoints[service] = _checked(url, variable)
    for service, url in given:
        endpoints[service] = _checked(url, f"aws:endpoints: {service}")
    config = Config(
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=_POOLED_CONNECTIONS,
        user_agent_extra=PRODUCT,
    )
    return Sdk(region, endpoints, config, progress)


@functools.cache
def _service_models() -> Loader:
    """AWS's service descriptions, parsed once for all stores: that is 0.1 s of each client that does not share them."""
    from botocore.loaders import create_loader  # noqa: PLC0415

    return create_loader()


@functools.cache
def _session_type() -> Any:
    from botocore.session import Session  # noqa: PLC0415

    # Registered once: that is 17 of the 18 ms of a session. Nobody adds to a session's; each client gets a copy.
    handlers = Session()._original_handler  # type: ignore[attr-defined] # noqa: SLF001 # not in the stubs

    class SessionAtEndpoints(Session):
        """Asks the environment's endpoints also where botocore's default chain takes a role itself (IRSA, profile).

        All waits of its clients and of the chain end.
        """

        def __init__(self, endpoints: Mapping[str, str], profile: str | None, progress: Callable[[str], None]) -> None:
            super().__init__(event_hooks=handlers, include_builtin_handlers=False, profile=profile)
            self._endpoints = endpoints
            self._progress = progress

        @property
        def full_config(self) -> Any:
            if self._config is None:  # type: ignore[attr-defined] # not in the stubs
                for name, meant in _FILES.items():
                    refuse_unusual_file(self.get_config_variable(name), *meant)
            return super().full_config

        def create_client(self, service_name: str, *args: Any, tells: bool = True, **more: Any) -> Any:
            if service_name in self._endpoints:
                more["endpoint_url"] = self._endpoints[service_name]
            refuse_unusable_certificates(self.get_config_variable("ca_bundle"))
            client = super().create_client(service_name, *args, **more)
            limit_client(client, self._progress if tells else None)
            client.meta.events.register("before-parse", refuse_of_others)
            return client

        def _create_credential_resolver(self) -> Any:
            chain = super()._create_credential_resolver()  # type: ignore[misc] # not in the stubs
            limit_chain(chain, self._progress)
            return chain

    return SessionAtEndpoints


class _Given:
    """Stands where botocore looks for its credential chain; the interface is that of botocore's CredentialResolver."""

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials

    def load_credentials(self) -> Credentials | None:
        return self._credentials


def _checked(url: str, where: str) -> str:
    check_endpoint(url, where)
    return url
