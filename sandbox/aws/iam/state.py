"""What the authoriser needs of moto's state: users, roles, their policies, keys and parameters."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from moto.iam.models import Role, User, get_account_id_from, iam_backends
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends

from sandbox.aws.listings import below

from .evaluation import Document, Held
from .trust import Principal, principals
from .web_identity import OidcProvider

PARTITION = "aws"
_DEFAULT_KEY = "alias/aws/ssm"


@dataclass(frozen=True)
class Session:
    """A session of a role, by its access key.

    Attributes:
        role_arn: the role.
        role_id: its unique ID when it was taken.
        name: the session's name.
        policies: session policies that were passed, or None.
        tags: its principal tags.
        transitive: the keys of those that are passed on.
    """

    role_arn: str
    role_id: str
    name: str
    policies: Sequence[Document] | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Caller:
    """Who signed a request.

    Attributes:
        arn: as denials name it.
        account: its account.
        principal: as trust policies may name it.
        held: the policies that it is held to; None for the sandbox's own user, who may do everything.
        context: its condition keys.
        session: of a role, if it is one.
    """

    arn: str
    account: str
    principal: Principal
    held: Held | None = None
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    session: Session | None = None


class State:
    """Reads moto's backends; the gateway's lock is held while it does.

    Attributes:
        own_user: name of the user that access keys belong to which moto did not issue.
    """

    own_user = "sandbox"

    def __init__(self) -> None:
        """Remember nothing yet."""
        self.sessions: dict[str, Session] = {}
        self._trusted: dict[str, dict[str, str]] = {}

    def clear(self) -> None:
        """Forget sessions and trust."""
        self.sessions.clear()
        self._trusted.clear()

    def caller(self, access_key_id: str) -> Caller:
        """The owner of an access key."""
        account = get_account_id_from(access_key_id)
        session = self.sessions.get(access_key_id)
        if session is not None:
            return self._session_caller(session)
        user = iam_backends[account][PARTITION].get_user_from_access_key_id(access_key_id)
        arn = user.arn if user else f"arn:{PARTITION}:iam::{account}:user/{self.own_user}"
        principal = Principal("AWS", (arn,), {arn: user.id} if user else {}, account)
        held = self._user_policies(user) if user else None
        return Caller(arn, account, principal, held, _principal_context(arn, account, {}))

    def role(self, arn: str) -> Role | None:
        """The role of an ARN, if there is one."""
        account = arn.split(":")[4] if arn.count(":") >= 5 else ""  # noqa: PLR2004 - an ARN's six parts
        roles = iam_backends[account][PARTITION].roles.values() if account else []
        return next((role for role in roles if role.arn == arn), None)

    def trust(self, role: Role) -> tuple[Document, Mapping[str, str]]:
        """A role's trust policy, and the unique IDs of whom it names, from when it was saved."""
        return _document(role.assume_role_policy_document), self._trusted.get(role.id, {})

    def remember_trust(self, account: str, name: str) -> None:
        """Note the unique IDs of whom a role's trust policy names now."""
        role = iam_backends[account][PARTITION].get_role(name)
        named = principals(_document(role.assume_role_policy_document))
        self._trusted[role.id] = {arn: found for arn in named if (found := self._unique_id(arn))}

    def provider(self, account: str, issuer: str) -> OidcProvider | None:
        """The account's OIDC provider of an issuer, given without scheme."""
        for found in iam_backends[account][PARTITION].open_id_providers.values():
            if found.url.rstrip("/") == issuer:
                return OidcProvider(found.arn, issuer, frozenset(found.client_id_list))
        return None

    def parameter_tags(self, account: str, region: str, name: str) -> Mapping[str, str]:
        """A parameter's tags; none where there is no such parameter."""
        tags = ssm_backends[account][region]._resource_tags["Parameter"]  # noqa: SLF001 - moto has no other way
        return dict(tags.get(name) or tags.get(name.removeprefix("/")) or {})

    def customer_keys(self, account: str, region: str, names: Sequence[str]) -> dict[str, str]:
        """Parameter name -> ARN of the customer key that encrypts it, of those that have one."""
        stored = ssm_backends[account][region]._parameters  # noqa: SLF001 - as above
        found: dict[str, str] = {}
        for name in names:
            normal = stored.normalize_name(name)
            if normal in stored and stored[normal][-1].parameter_type == "SecureString":
                key = self.key_arn(account, region, stored[normal][-1].keyid)
                found |= {name: key} if key else {}
        return found

    def secret(self, account: str, region: str, secret_id: str) -> Any:
        """A secret of Secrets Manager by its name or ARN, as moto keeps it; None where there is none."""
        return secretsmanager_backends[account][region].secrets.get(secret_id)

    def names_below(self, account: str, region: str, path: str, *, recursive: bool) -> list[str]:
        """The parameters that GetParametersByPath would find, in the order of its pages."""
        return below(ssm_backends[account][region], path, recursive=recursive)

    def key_arn(self, account: str, region: str, key_id: str | None, default: str = _DEFAULT_KEY) -> str | None:
        """The ARN of a customer key, given by any of its IDs; None for the service's `default` key and for none."""
        if not key_id or key_id.endswith(default):
            return None
        return self.kms_key_arn(account, region, key_id)

    def kms_key_arn(self, account: str, region: str, key_id: str) -> str | None:
        """The ARN of a key, given by its ID, its ARN or an alias; None where there is none."""
        kms = kms_backends[account][region]
        try:
            key = kms.keys.get(kms.any_id_to_key_id(key_id))
        except AttributeError:  # moto knows no such alias
            return None
        return key.arn if key else None

    def key_policy(self, arn: str) -> Document:
        """A key's policy."""
        region, account, key_id = arn.split(":")[3], arn.split(":")[4], arn.rpartition("/")[2]
        return _document(kms_backends[account][region].keys[key_id].policy)

    def _session_caller(self, session: Session) -> Caller:
        account = session.role_arn.split(":")[4]
        name = session.role_arn.rpartition("/")[2]
        arn = f"arn:{PARTITION}:sts::{account}:assumed-role/{name}/{session.name}"
        principal = Principal("AWS", (session.role_arn, arn), {session.role_arn: session.role_id}, account)
        role = iam_backends[account][PARTITION].roles.get(session.role_id)
        held = self._role_policies(role, session.policies) if role else Held()
        return Caller(
            arn, account, principal, held, _principal_context(session.role_arn, account, session.tags), session
        )

    def _role_policies(self, role: Role, session: Sequence[Document] | None) -> Held:
        return Held(_attached(role), self._boundary(role.permissions_boundary_arn), session)

    def _user_policies(self, user: User) -> Held:
        groups = iam_backends[user.account_id][PARTITION].get_groups_for_user(user.name)
        return Held([*_attached(user), *(policy for group in groups for policy in _attached(group))])

    def _boundary(self, arn: str | None) -> Document | None:
        if not arn:
            return None
        policy = iam_backends[arn.split(":")[4]][PARTITION].managed_policies[arn]
        return _default_version(policy)

    def _unique_id(self, arn: str) -> str | None:
        role = self.role(arn)
        if role:
            return str(role.id)
        account = arn.split(":")[4]
        users = iam_backends[account][PARTITION].users.values()
        return next((str(user.id) for user in users if user.arn == arn), None)


def _principal_context(arn: str, account: str, tags: Mapping[str, str]) -> dict[str, Sequence[str]]:
    context: dict[str, Sequence[str]] = {"aws:principalarn": [arn], "aws:principalaccount": [account]}
    return context | {f"aws:principaltag/{key}".lower(): [value] for key, value in tags.items()}


def _attached(holder: Any) -> list[Document]:
    managed = [_default_version(policy) for policy in holder.managed_policies.values()]
    return [*map(_document, holder.policies.values()), *managed]


def _default_version(policy: Any) -> Document:
    versions = policy.versions
    return _document(next(each.document for each in versions if each.version_id == policy.default_version_id))


def _document(content: Any) -> Document:
    if not isinstance(content, str):
        return dict(content or {})
    text = content if re.match(r"\s*\{", content) else unquote(content)
    found: Document = json.loads(text or "{}")
    return found
