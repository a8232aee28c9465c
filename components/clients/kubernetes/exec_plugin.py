"""Credentials from a kubeconfig's `exec` block, such as `aws eks get-token`: run once for all threads, renewed in time.

A plugin that fails is an error, never a reason to go on as an anonymous user. What it printed is not shown: plugins
print tokens, passwords and URLs with them. Of its standard error only phrases that are known by heart are repeated.
"""

import json
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ...display import NOT_SHOWN, shown_path, without_userinfo
from ..programs import TIME_LIMIT, TooMuchOutputError, run_program
from ..waiting import EndingError, TookTooLongError, Waiting
from .cluster_errors import CredentialsError
from .credentials import Credential, checked_token
from .tls import ClientCertificate

API_VERSIONS = frozenset({"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"})

_TIME_LIMIT = TIME_LIMIT
_SKEW = 60.0  # seconds before expiry at which credentials are renewed: a request under way must still be valid
_PAUSE = 10.0  # seconds during which a failure is remembered, and between two runs because of a 401
_PHRASES = (
    "Error when retrieving token from sso: Token has expired and refresh failed",
    "Error loading SSO Token",
    "The SSO session associated with this profile has expired",
    "Unable to locate credentials",
    "Partial credentials found",
    "The config profile",
    "The security token included in the request is expired",
    "The security token included in the request is invalid",
    "You must specify a region",
    "Could not connect to the endpoint URL",
    "ExpiredToken",
    "InvalidClientTokenId",
    "AccessDenied",
    "No such file or directory",
    "command not found",
    "expired",
)
"""What AWS's own plugins say, as fixed phrases; the first that stands in what a plugin wrote is repeated."""
_LONGEST_HINT = 300


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
    cluster: Mapping[str, Any] | None = field(default=None, repr=False)
    install_hint: str = field(default="", repr=False)


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
        """Nothing runs yet. The certificate is sent along unless the plugin brings its own."""
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
        """The plugin's credential, from a new run if there is none yet or it is about to expire."""
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
        waiting = Waiting(f"the kubeconfig's exec plugin `{self._program}`", self._progress)
        try:
            done = run_program(command, environ, seconds=_TIME_LIMIT, waiting=waiting)
        except TookTooLongError:
            raise self._failed(f"did not end within {_TIME_LIMIT:.0f} s and was ended") from None
        except TooMuchOutputError:
            raise self._failed("printed more than any credentials can be") from None
        except EndingError:
            raise self._failed("was ended with this program") from None
        except ValueError:
            raise self._failed(
                "cannot be run: its arguments or variables hold a NUL character, or a variable's name '='"
            ) from None
        except OSError as error:
            raise CredentialsError(self._not_run(error)) from None
        if done.code != 0:
            said = done.complaint.decode("utf-8", "replace")
            phrase = next((each for each in _PHRASES if each in said), None)
            why = phrase or (
                "what it printed is not shown, as it can hold credentials" if said.strip() else "no reason"
            )
            raise self._failed(f"ended with exit code {done.code}: {why}")
        return done.output.decode("utf-8", "replace")

    def _not_run(self, error: OSError) -> str:
        """Why the plugin cannot be started; to log in again does not help."""
        program = self._spec.command[0]
        plugin = f"The kubeconfig's exec plugin `{self._program}`"
        hint = without_userinfo(self._spec.install_hint)[:_LONGEST_HINT] if self._spec.install_hint else ""
        after = f" {hint}" if hint else ""
        if shutil.which(program, os.F_OK, path=self._environ.get("PATH", os.defpath)) is not None:
            return f"{plugin} cannot be run: {error.strerror}. Check that it is an executable of this machine.{after}"
        there = "it does not exist" if "/" in program else "it is not on PATH"
        return f"{plugin} cannot be run: {there}. Install it, or name its full path in the kubeconfig.{after}"

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
            answered = version if isinstance(version, str) and version in API_VERSIONS else "another version"
            raise self._failed(f"answered in {answered}, but the kubeconfig asks for {self._spec.api_version}")
        if bool(chain) != bool(key) or not (token or chain):
            raise self._failed("printed neither a token nor a client certificate with its key")
        credential = Credential(
            checked_token(token, f"the answer of the exec plugin {self._program}") if token else None,
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
            f"The kubeconfig's exec plugin `{self._program}` {how.rstrip('.')}. {self._advice()}"
        )

    @property
    def _program(self) -> str:
        """What texts call the plugin. A whole command line in place of a program's name can hold a password."""
        program = shown_path(self._spec.command[0])
        return program if " " not in program else NOT_SHOWN

    def _advice(self) -> str:
        program = self._spec.command[0].replace("\\", "/").rpartition("/")[2]
        if program in {"aws", "aws-iam-authenticator"}:
            profile = self._environ.get("AWS_PROFILE")
            return (
                f"If the session has expired, run `aws sso login{f' --profile {profile}' if profile else ''}` "
                "(or renew your AWS credentials) and try again."
            )
        return (
            "Run the command of the kubeconfig's exec block yourself to see what it prints, log in where it asks for "
            "that, and try again."
        )


def _text(status: Mapping[str, Any], name: str) -> str:
    """A field of the answer's status; empty where it is left out."""
    value = status.get(name)
    if not isinstance(value, str | None):
        raise TypeError
    return value or ""
