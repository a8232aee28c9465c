"""Credentials from a kubeconfig's `exec` block, such as `aws eks get-token`: run once for all threads, renewed in time.

A plugin that fails is an error with the plugin's own words. It never means going on as an anonymous user.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..programs import TIME_LIMIT, TooMuchOutputError, run_program
from ..waiting import EndingError, TookTooLongError, Waiting
from .credentials import Credential, checked_token
from .errors import CredentialsError
from .tls import ClientCertificate

API_VERSIONS = frozenset({"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"})

_TIME_LIMIT = TIME_LIMIT
_SKEW = 60.0  # seconds before expiry at which credentials are renewed: a request under way must still be valid
_PAUSE = 10.0  # seconds during which a failure is remembered, and between two runs because of a 401
_STDERR_SHOWN = 2000  # characters


@dataclass(frozen=True)
class ExecSpec:
    """The `exec` block.

    Attributes:
        api_version: One of API_VERSIONS.
        command: Program and arguments.
        env: Variables added to the environment.
        cluster: What the plugin is told about the cluster (`provideClusterInfo`), None for nothing.
        install_hint: The kubeconfig's advice for a missing program.
    """

    api_version: str
    command: tuple[str, ...] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)
    cluster: Mapping[str, Any] | None = None
    install_hint: str = ""


@dataclass(frozen=True)
class _Run:
    """What a run gave, and when it was and will be over (seconds since the epoch, None for never)."""

    credential: Credential
    renew_at: float | None


class ExecPlugin:
    """Runs the plugin when needed and remembers what it said."""

    def __init__(
        self,
        spec: ExecSpec,
        environ: Mapping[str, str],
        *,
        certificate: ClientCertificate | None = None,
        now: Callable[[], float],
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Nothing runs yet.

        Args:
            spec: The `exec` block.
            environ: The environment that `spec.env` is added to.
            certificate: Client certificate of the user entry, sent along unless the plugin brings its own.
            now: Seconds since the epoch.
            progress: Told about every five seconds that the plugin is waited for.
        """
        self._spec = spec
        self._environ = {**environ, **spec.env}
        self._certificate = certificate
        self._now = now
        self._progress = progress
        self._lock = threading.Lock()
        self._last: _Run | None = None
        self._failure: tuple[float, str] | None = None
        self._replaced_at: float | None = None

    def current(self) -> Credential:
        """The plugin's credential, from a new run if there is none yet or it is about to expire.

        Raises:
            CredentialsError: The plugin failed.
        """
        with self._lock:
            last = self._last
            if last is not None and (last.renew_at is None or self._now() < last.renew_at):
                return last.credential
            return self._run_once()

    def replace(self, rejected: Credential) -> Credential | None:
        """Run again after a 401, unless another thread did so already or the last such run was a moment ago."""
        with self._lock:
            if self._last is not None and self._last.credential != rejected:
                return self._last.credential
            if self._replaced_at is not None and self._now() - self._replaced_at < _PAUSE:
                return None
            self._replaced_at = self._now()
            return self._run_once()

    def _run_once(self) -> Credential:
        """Run under the lock; who waited for it meanwhile gets the same answer, also when that is a failure."""
        if self._failure is not None and self._now() - self._failure[0] < _PAUSE:
            raise CredentialsError(self._failure[1])
        try:
            self._last = self._parse(self._run())
        except CredentialsError as error:
            self._failure = (self._now(), str(error))
            raise
        self._failure = None
        return self._last.credential

    def _run(self) -> str:
        command = self._spec.command
        environ = {**self._environ, "KUBERNETES_EXEC_INFO": self._exec_info()}
        waiting = Waiting(f"the kubeconfig's exec plugin `{command[0]}`", self._progress)
        try:
            done = run_program(command, environ, seconds=_TIME_LIMIT, waiting=waiting)
        except TookTooLongError:
            raise self._failed(f"did not end within {_TIME_LIMIT:.0f} s and was ended") from None
        except TooMuchOutputError:
            raise self._failed("printed more than any credentials can be") from None
        except EndingError:
            raise self._failed("was ended with this program") from None
        except ValueError:
            raise self._failed("cannot be run: its arguments or variables hold a NUL character") from None
        except OSError as error:
            hint = f" {self._spec.install_hint}" if self._spec.install_hint else ""
            raise self._failed(f"cannot be run: {error.strerror}.{hint}") from None
        if done.code != 0:
            stderr = done.complaint.decode("utf-8", "replace").strip()[-_STDERR_SHOWN:]
            raise self._failed(f"ended with exit code {done.code}: {stderr or 'it printed no reason'}")
        return done.output.decode("utf-8", "replace")

    def _exec_info(self) -> str:
        spec: dict[str, Any] = {"interactive": False}
        if self._spec.cluster is not None:
            spec["cluster"] = self._spec.cluster
        return json.dumps({"kind": "ExecCredential", "apiVersion": self._spec.api_version, "spec": spec})

    def _parse(self, stdout: str) -> _Run:
        try:
            answer = json.loads(stdout)
            version, status = answer["apiVersion"], answer["status"]
            token, chain, key = (_text(status, name) for name in ("token", "clientCertificateData", "clientKeyData"))
            expires = status.get("expirationTimestamp")
            expiry = datetime.fromisoformat(expires).astimezone(UTC).timestamp() if expires else None
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            # stdout is where the token is: it is not shown.
            raise self._failed("did not print an ExecCredential with a status") from None
        if version != self._spec.api_version:
            known = isinstance(version, str) and version in API_VERSIONS
            version = version if known else "another version"
            raise self._failed(f"answered in {version}, but the kubeconfig asks for {self._spec.api_version}")
        if bool(chain) != bool(key) or not (token or chain):
            raise self._failed("printed neither a token nor a client certificate with its key")
        credential = Credential(
            checked_token(token, f"the answer of the exec plugin {self._spec.command[0]}") if token else None,
            ClientCertificate(chain, key) if chain else self._certificate,
        )
        return _Run(credential, self._renewal(expiry))

    def _renewal(self, expiry: float | None) -> float | None:
        """When to run again. Short-lived credentials are used for half their life, not renewed for every request."""
        if expiry is None:
            return None
        lifetime = expiry - self._now()
        if lifetime <= 0:
            return None  # our clock or the plugin's is wrong: let the server judge, its 401 causes another run
        return expiry - min(_SKEW, lifetime / 2)

    def _failed(self, how: str) -> CredentialsError:
        return CredentialsError(
            # Without its arguments: some plugins take a client secret there.
            f"The kubeconfig's exec plugin `{self._spec.command[0]}` {how.rstrip('.')}. {self._advice()}"
        )

    def _advice(self) -> str:
        program = self._spec.command[0].replace("\\", "/").rpartition("/")[2]
        if program in {"aws", "aws-iam-authenticator"}:
            profile = self._environ.get("AWS_PROFILE")
            return (
                f"If the session has expired, run `aws sso login{f' --profile {profile}' if profile else ''}` "
                "(or renew your AWS credentials) and try again."
            )
        return "Run it by hand, log in where it asks for that, and try again."


def _text(status: Mapping[str, Any], name: str) -> str:
    """A field of the answer's status; empty where it is left out."""
    value = status.get(name)
    if not isinstance(value, str | None):
        raise TypeError
    return value or ""
