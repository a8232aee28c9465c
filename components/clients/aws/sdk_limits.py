"""Limits that the AWS SDK lacks: of a whole answer in time and size, and of programs that give credentials.

The SDK limits each read of a socket, reads answers of any size, and waits for a `credential_process` without limit.
These limits hold for every call of a session: those of its clients, those that its credential chain makes by clients of
its own (roles of profiles, SSO), and those to metadata services (EC2, containers, EKS Pod Identity).
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from errno import EFBIG, EINVAL
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...display import shown_path
from ...errors import IdentityError
from ..exchange import AnswerTooLargeError, breakable, exchange, read_body
from ..programs import TIME_LIMIT, TooMuchOutputError, run_program
from ..small_files import read_small, refuse_unusual
from ..waiting import EndingError, TookTooLongError, Waiting
from .failures import OversizedAnswerError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.credentials import CredentialProvider, CredentialResolver
    from botocore.httpsession import URLLib3Session

Progress = Callable[[str], None]
LARGEST_ANSWER = 8 << 20
"""Bytes: ten parameters of 8 KiB, or twenty secrets of 64 KiB each character of which JSON writes as six."""
LONGEST_EXCHANGE = 20.0
"""Seconds from connecting to the last byte of an answer, also where the SDK would wait longer."""
CHAIN_LIMIT = 75.0
"""Seconds for the SDK's whole default chain: a program that may run for 60 s, and the role taken with what it says."""


class LimitedHttp:
    """Stands where botocore keeps its HTTP session, and sends by it: each request and its answer within a limit."""

    def __init__(self, inner: URLLib3Session, seconds: float, progress: Progress | None = None) -> None:
        # The SDK offers no other way to choose connections.
        pools: dict[str, Any] = vars(inner)["_pool_classes_by_scheme"]
        pools.update({scheme: breakable(pool) for scheme, pool in pools.items()})
        self._inner = inner
        self._seconds = seconds
        self._progress = progress

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """Send a request, and read its answer as a whole.

        Raises:
            OversizedAnswerError: the answer is larger than any of AWS's.
            botocore.exceptions.HTTPClientError: there is no answer.
        """
        from botocore.exceptions import ReadTimeoutError  # noqa: PLC0415 # see sdk.py

        request.stream_output = True  # the answer is read here
        waiting = Waiting(f"an answer of {_origin(request.url)}", self._progress) if self._progress else None
        try:
            return exchange(self._seconds, partial(self._read, request), waiting)
        except TookTooLongError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from None

    def close(self) -> None:
        """Close idle connections."""
        self._inner.close()

    def _read(self, request: AWSPreparedRequest) -> AWSResponse:
        from botocore import exceptions  # noqa: PLC0415 # see sdk.py
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415
        from urllib3.exceptions import HTTPError, ReadTimeoutError  # noqa: PLC0415

        answer = self._inner.send(request)
        try:
            body = read_body(answer.raw, LARGEST_ANSWER, decode=False)
        except AnswerTooLargeError:
            raise OversizedAnswerError from None
        except ReadTimeoutError as error:
            raise exceptions.ReadTimeoutError(endpoint_url=request.url, error=error) from None
        except HTTPError as error:
            raise exceptions.ConnectionClosedError(endpoint_url=request.url, request=request, error=error) from None
        headers: Any = answer.headers
        return AWSResponse(request.url, answer.status_code, headers, _Body(body))


class _Body:
    """What was read, for those who ask botocore's response for it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def limit_client(client: Any, progress: Progress | None) -> None:
    """Let a client's calls end in time, and its answers in size; it has sent nothing yet."""
    config, endpoint = client.meta.config, client._endpoint  # noqa: SLF001 # the SDK offers no other way
    seconds = min(LONGEST_EXCHANGE, config.connect_timeout + config.read_timeout)
    endpoint.http_session = LimitedHttp(endpoint.http_session, seconds, progress)


def limit_chain(chain: CredentialResolver, progress: Progress) -> None:
    """Let every source of a session's default chain, which was asked nothing yet, end in time."""
    for provider in chain.providers:
        kept = _limited(provider, progress)
        if "_prompter" in kept:
            kept["_prompter"] = _refuse_to_ask
        # Chains by `source_profile` ask providers that they make as they go.
        builder = kept.get("_profile_provider_builder")
        if builder is not None:
            builder.providers = partial(_all_limited, builder.providers, progress)
        if build := getattr(provider, "_build_headers", None):
            kept["_build_headers"] = partial(_headers, build)
        fetcher = kept.get("_role_fetcher") or kept.get("_fetcher")
        if fetcher is not None:
            fetcher._session = LimitedHttp(fetcher._session, LONGEST_EXCHANGE)  # noqa: SLF001 # see above


def _all_limited(make: Callable[..., list[CredentialProvider]], progress: Progress, *args: Any, **named: Any) -> Any:
    made = make(*args, **named)
    for each in made:
        _limited(each, progress)
    return made


def _limited(provider: CredentialProvider, progress: Progress) -> dict[str, Any]:
    """Let the program or file that a provider reads end; what the provider keeps."""
    from botocore.credentials import ProcessProvider  # noqa: PLC0415 # see sdk.py

    kept = vars(provider)
    if isinstance(provider, ProcessProvider):
        kept["_popen"] = partial(CredentialProcess, progress)
        name = "_retrieve_credentials_using"
        kept[name] = partial(_retrieved, getattr(provider, name))
    if "_token_loader_cls" in kept:
        kept["_token_loader_cls"] = lambda path: partial(_token, path)
    return kept


def _retrieved(retrieve: Callable[[str], Any], command: str) -> Any:
    """Credentials by a `credential_process` whose quotes are closed."""
    from botocore.compat import compat_shell_split  # noqa: PLC0415 # see sdk.py

    try:
        compat_shell_split(command)
    except ValueError:  # it quotes nothing, but the command may be secret all the same
        raise IdentityError(
            "credential_process of the AWS configuration has a quote that is not closed, or ends with a backslash: "
            "correct it in ~/.aws/config (it is not shown, as it can hold credentials)"
        ) from None
    return retrieve(command)


def _token(path: str) -> str:
    """The token in a file, in place of botocore's FileWebIdentityTokenLoader, which reads without end."""
    try:
        return read_small(Path(path)).decode()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not a text file"
        raise IdentityError(
            f"the token file of the AWS SDK's default chain cannot be read: {why}. Correct "
            "AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file in ~/.aws/config, or leave it out"
        ) from None


def _headers(build: Callable[[], Any]) -> Any:
    """What a container's credentials are asked for with, in place of a token file without end."""
    name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
    refuse_unusual_file(os.environ.get(name), "token", name)
    return build()


def refuse_unusual_file(path: str | None, what: str, variable: str) -> None:
    """Refuse a file that botocore would read without end, or not as it is meant; not one that is not there.

    Raises:
        IdentityError: it is a pipe, device or folder, or is too large.
    """
    where = Path(os.path.expandvars(path or os.devnull))
    try:
        where = where.expanduser()
        if where != Path(os.devnull):
            refuse_unusual(where)
    except RuntimeError:  # a home that is not known, which botocore finds no file in either
        return
    except OSError as error:
        if error.errno in (EINVAL, EFBIG):
            raise IdentityError(
                f"the AWS {what} file {shown_path(str(where))} cannot be used: {error.strerror}; correct {variable}"
            ) from None


def refuse_unusable_certificates(path: str | None) -> None:
    """Refuse a file of trusted certificates that is none: the SDK would say that nobody's certificate is trusted.

    Args:
        path: what the SDK's configuration names; where it names none the SDK looks at REQUESTS_CA_BUNDLE.

    Raises:
        IdentityError: it cannot be read, or holds no certificate.
    """
    path = os.environ.get("REQUESTS_CA_BUNDLE") if path is None else path
    if path is None:
        return
    try:
        why = "" if b"CERTIFICATE-----" in read_small(Path(path)) else "it holds no certificate in PEM"
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "it has no such name"
    if why:
        raise IdentityError(
            f"the AWS certificates file {shown_path(path) or repr(path)} cannot be used: {why}; correct AWS_CA_BUNDLE "
            "(or REQUESTS_CA_BUNDLE, or ca_bundle in ~/.aws/config)"
        )


def _refuse_to_ask(_: str) -> str:
    """Stand where botocore asks on the terminal for the code of an MFA device, which would wait in Pulumi's midst."""
    raise IdentityError(
        "the AWS profile asks for the code of an MFA device (mfa_serial), which cannot be typed in here: get "
        "credentials of a session first, such as by 'aws sts get-session-token', and set AWS_ACCESS_KEY_ID, "
        "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN to them"
    )


class CredentialProcess:
    """A `credential_process` as botocore starts it, with a limit of time and output; exit codes but 0 are errors."""

    returncode = 0

    def __init__(self, progress: Progress, command: Sequence[str], **_: Any) -> None:
        self._progress = progress
        self._command = command

    def communicate(self) -> tuple[bytes, bytes]:
        """Run it to its end.

        Returns:
            What it printed, and nothing of what it complained about, which may hold credentials.

        Raises:
            IdentityError: it cannot be run, does not end, fails, or prints no credentials.
        """
        if not self._command:
            raise IdentityError("credential_process of the AWS configuration is empty: write a command, or remove it")
        # Without its arguments, which may be secret.
        program = f"the credential_process {shlex.quote(self._command[0])} of the AWS configuration"
        waiting = Waiting(program, self._progress)
        program = f"AWS credentials cannot be loaded: {program}"
        try:
            done = run_program(self._command, waiting=waiting)
        except TookTooLongError:
            raise IdentityError(f"{program} did not end within {TIME_LIMIT:.0f} s and was ended: {_BY_HAND}") from None
        except TooMuchOutputError:
            raise IdentityError(f"{program} printed more than any credentials can be: {_BY_HAND}") from None
        except EndingError:
            raise IdentityError(f"{program} was ended with this program") from None
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "its arguments hold a NUL character"
            raise IdentityError(
                f"{program} cannot be run: {why}; install it, or correct credential_process in ~/.aws/config"
            ) from None
        if done.code != 0:
            raise IdentityError(f"{program} ended with exit code {done.code}: {_BY_HAND}")
        end = _end_of_credentials(done.output)
        if end is None:
            raise IdentityError(
                f'{program} did not print credentials, a JSON object with "Version": 1, "AccessKeyId" and '
                f'"SecretAccessKey", and an "Expiration", if any, such as 2026-01-31T12:00:00Z: {_BY_HAND}'
            )
        if end <= datetime.now(UTC):  # botocore would ask once more, and then fail without a reason
            raise IdentityError(f"{program} printed credentials that have expired already: {_BY_HAND}")
        return done.output, b""


_BY_HAND = "run it by hand, log in where it asks for that, and try again"


_WITHOUT_END = datetime.max.replace(tzinfo=UTC)


def _end_of_credentials(output: bytes) -> datetime | None:
    """When the credentials that were printed expire; None where they are none that botocore could use."""
    try:
        answer = json.loads(output)
    except (ValueError, RecursionError):
        return None
    if not isinstance(answer, dict) or answer.get("Version") != 1:
        return None
    needed, more = ("AccessKeyId", "SecretAccessKey"), ("SessionToken", "Expiration", "AccountId")
    fits = all(isinstance(answer.get(name), str) for name in needed) and all(
        isinstance(answer.get(name), str | None) for name in more
    )
    return _time(answer.get("Expiration")) if fits else None


def _time(text: str | None) -> datetime | None:
    """A time as botocore reads it; None where it cannot be compared with the time that it is."""
    from dateutil.parser import parse  # noqa: PLC0415 # see sdk.py

    if text is None:
        return _WITHOUT_END
    try:
        found: datetime = parse(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def _origin(url: str) -> str:
    """Scheme and host of a URL; the rest may be secret."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0].rpartition('@')[2]}"
