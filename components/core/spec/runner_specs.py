"""As whom Pulumi itself works with AWS, where a store says nothing: what a provider or the stack's settings say.

The fields are those of Pulumi's AWS provider, by its names.
"""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ...display import NOT_SHOWN, reads_like_words
from ...errors import SpecError
from ..iam.texts import is_role_arn
from ..secret_value import Secret
from .config_fields import likeliest
from .fields import fields_of
from .store_identity import Hop

CREDENTIALS = ("accessKey", "secretKey", "token")
"""Properties that are secret, and renewed without anything else being changed."""
_KEYS = "aws: accessKey and secretKey are only of use together; give both, or none"
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True)
class RunnerSpec:
    """The base credentials of stores without `auth`; the SDK's default chain gives what is left out.

    Attributes:
        profile: name of a profile in the AWS SDK's files.
        access_key: static credentials: the access key's ID.
        secret_key: its secret half.
        token: token of temporary keys.
        roles: roles to assume, in this order, before those of the store.
        allowed: account IDs, one of which the outcome must be in; empty for any.
        forbidden: account IDs that it must not be in.
        endpoints: service -> URL that is asked in place of AWS's, as pairs. Also for stores with `auth`.
    """

    profile: str | None = None
    access_key: Secret | None = field(default=None, hash=False)
    secret_key: Secret | None = field(default=None, hash=False)
    token: Secret | None = field(default=None, hash=False)
    roles: tuple[Hop, ...] = ()
    allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    endpoints: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The base credentials out of a property bag."""
        key, secret, token = (Secret(str(bag[name])) if bag.get(name) else None for name in CREDENTIALS)
        if (key is None) != (secret is None):
            raise SpecError(_KEYS)
        return cls(
            bag.get("profile") or None,
            key,
            secret,
            token,
            roles=tuple(_hop(role, f"aws:assumeRoles[{index}]") for index, role in enumerate(bag.get("roles") or ())),
            allowed=_accounts(bag.get("allowedAccountIds"), "aws:allowedAccountIds"),
            forbidden=_accounts(bag.get("forbiddenAccountIds"), "aws:forbiddenAccountIds"),
            endpoints=tuple(sorted((bag.get("endpoints") or {}).items())),
        )

    @property
    def asks_account(self) -> bool:
        """Whether the account must be known before anything is read."""
        return bool(self.allowed or self.forbidden)

    def refusal(self, account: str) -> str | None:
        """Why this account is not to be used; None where it may be."""
        if self.allowed and account not in self.allowed:
            return f"the credentials are of AWS account {account}, and allowedAccountIds has {', '.join(self.allowed)}"
        if account in self.forbidden:
            return f"the credentials are of AWS account {account}, which forbiddenAccountIds forbids"
        return None


def check_keys(said: Container[str]) -> None:
    """Check that static credentials are whole, by the names of what is given.

    Raises:
        SpecError: they are not; the rest would come from somewhere else, or have no effect.
    """
    if ("accessKey" in said) != ("secretKey" in said):
        raise SpecError(_KEYS)
    if "token" in said and "accessKey" not in said:
        raise SpecError("aws: token is only of use with accessKey and secretKey; give all three, or none")


def without_credentials(value: Any) -> Any:
    """A property bag without the credentials in it, for comparing: those may be renewed at every run."""
    if isinstance(value, Mapping):
        return {
            key: "given" if key in CREDENTIALS or _is_kubeconfig(key, each) else without_credentials(each)
            for key, each in value.items()
        }
    return value


def _is_kubeconfig(key: str, value: Any) -> bool:
    return key == "kubeconfig" and isinstance(value, str) and is_contents(value)


def is_contents(kubeconfig: str) -> bool:
    """Whether a kubeconfig is given by its contents, not by a path: YAML, or JSON."""
    return "\n" in kubeconfig.strip() or "{" in kubeconfig or re.search(r":\s", kubeconfig) is not None


def _accounts(value: Any, where: str) -> tuple[str, ...]:
    ids = tuple(str(each) for each in value or ())
    for each in ids:
        if not _ACCOUNT.fullmatch(each):
            raise SpecError(f"{where}: {each[:40]!r} is not an account's ID: write its twelve digits, quoted in YAML")
    return ids


def _hop(role: Mapping[str, Any], where: str) -> Hop:
    arn = str(role.get("roleArn") or "")
    if not is_role_arn(arn):
        shown = repr(arn[:200]) if not arn or arn.startswith("arn:") or reads_like_words(arn) else NOT_SHOWN
        raise SpecError(f"{where}.roleArn: {shown} is not a role's ARN: write arn:aws:iam::<account>:role/<name>")
    # Of these `duration` changes nothing: sessions renew themselves, and end with the operation.
    known = {"duration", *(each.path[0] for each in fields_of(Hop))}
    if unknown := sorted(role.keys() - known):
        meant = likeliest(unknown[0], known)
        if meant:
            raise SpecError(f"{where}: there is no field {unknown[0][:40]!r}; write {meant}")
        raise SpecError(f"{where}.{unknown[0]}: it cannot be honoured for reading parameters; leave it out")
    tags = tuple(sorted((str(key), str(value)) for key, value in (role.get("tags") or {}).items()))
    return Hop.from_bag({name: value for name, value in role.items() if value}, session_tags=tags)
