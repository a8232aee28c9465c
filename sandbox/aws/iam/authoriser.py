"""Decides for the gateway whether a call may be made, and keeps what STS hands out."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from moto.iam.models import Role

from sandbox.aws.errors import AwsError
from sandbox.aws.request import AwsRequest

from .evaluation import Decision, Question, Verdict, decide, verdict
from .needs import form_list, required
from .patterns import Context
from .permission import Permission, tag_context
from .state import Caller, Session, State
from .trust import Principal, trusts
from .web_identity import KeySet, OidcProvider, claims_of, issuer_of, verify

POD_IDENTITY = "pods.eks.amazonaws.com"
_KEY = re.compile(rb"<AccessKeyId>(.*?)</AccessKeyId>")


class Authoriser:
    """Holds callers to their policies.

    Attributes:
        enabled: False lets everybody do everything but take a role that does not exist.
        state: what moto knows.
        issuers: issuer without scheme -> its keys, as STS fetches them.
        log: (caller's ARN, permission) of every permission that was granted, oldest first.
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.enabled = True
        self.state = State()
        self.issuers: dict[str, Callable[[], KeySet]] = {}
        self.log: list[tuple[str, Permission]] = []

    def clear(self) -> None:
        """Forget sessions, trust and the log."""
        self.state.clear()
        self.log.clear()

    def first_denied(self, caller: Caller, needed: Sequence[Permission]) -> tuple[Permission, str] | None:
        """The first permission that the caller's policies, or a key's policy, do not give, and AWS's reason."""
        for permission in needed:
            decision = self._decide(caller, permission)
            if not decision.allowed:
                return permission, decision.reason
            self.log.append((caller.arn, permission))
        return None

    def required(self, request: AwsRequest, account: str) -> list[Permission]:
        """What a call needs."""
        return required(request, account, self.state)

    def take_role(self, request: AwsRequest, caller: Caller) -> Session:
        """Check AssumeRole or AssumeRoleWithWebIdentity.

        Raises:
            AwsError: what STS answers.
        """
        arn = str(request.parameters.get("RoleArn", ""))
        if request.operation == "AssumeRoleWithWebIdentity":
            return self._by_web_identity(arn, request)
        tags = {tag["Key"]: tag["Value"] for tag in form_list(request.parameters, "Tags")}
        transitive = [key[""] for key in form_list(request.parameters, "TransitiveTagKeys")]
        inherited = _inherited(caller.session)
        context = {
            **caller.context,
            **tag_context(tags),
            "sts:rolesessionname": [str(request.parameters.get("RoleSessionName", ""))],
        }
        if transitive:
            context["sts:transitivetagkeys"] = transitive
        if "ExternalId" in request.parameters:
            context["sts:externalid"] = [str(request.parameters["ExternalId"])]
        role = self.state.role(arn)
        actions = ["sts:AssumeRole", *(["sts:TagSession"] if tags else [])]
        denied = next(
            (each for each in actions if not self._may_take(caller, role, Question(each, arn, context))), None
        )
        if role is None or denied:
            text = f"User: {caller.arn} is not authorized to perform: {denied} on resource: {arn}"
            raise AwsError("AccessDenied", text, HTTPStatus.FORBIDDEN)
        policy = request.parameters.get("Policy")
        return Session(
            arn,
            role.id,
            str(request.parameters.get("RoleSessionName")),
            [json.loads(policy)] if policy else None,
            {**tags, **inherited},
            frozenset(transitive) | inherited.keys(),
        )

    def take_for_pod(
        self, arn: str, name: str, tags: Mapping[str, str], context: Mapping[str, Sequence[str]]
    ) -> Session:
        """Take a role as EKS Pod Identity does, for one pod.

        Raises:
            AwsError: the role's trust policy does not let it.
        """
        role = self.state.role(arn)
        principal = Principal("Service", (POD_IDENTITY,), {})
        questions = [
            Question(f"sts:{action}", arn, {**tag_context(tags), **context}) for action in ("AssumeRole", "TagSession")
        ]
        if role is None or (
            self.enabled
            and not all(trusts(*self.state.trust(role), principal, each)[0] is Verdict.ALLOW for each in questions)
        ):
            text = f"Unauthorized Exception! EKS does not have permissions to assume the associated role {arn}"
            raise AwsError("AccessDeniedException", text, HTTPStatus.BAD_REQUEST)
        return Session(arn, role.id, name, None, dict(tags))

    def verified(self, token: str, provider: OidcProvider | None) -> Context:
        """The condition keys of a ServiceAccount's token, checked now against its issuer's keys.

        Raises:
            AwsError: what STS answers to a token that it does not accept.
        """
        keys = self.issuers.get(issuer_of(claims_of(token)))
        return verify(token, provider, keys() if keys else None, time.time())

    def remember(self, session: Session, answer: bytes) -> None:
        """Note a session by the access key in STS's answer."""
        found = _KEY.search(answer)
        if found:
            self.state.sessions[found[1].decode()] = session

    def _decide(self, caller: Caller, permission: Permission) -> Decision:
        if not self.enabled:
            return Decision(allowed=True)
        question = Question(permission.action, permission.resource, {**caller.context, **permission.context})
        own = decide(caller.held, question) if caller.held is not None else Decision(allowed=True)
        if not permission.action.startswith("kms:") or ":key/" not in permission.resource:
            return own
        return self._with_key_policy(caller, question, own)

    def _with_key_policy(self, caller: Caller, question: Question, own: Decision) -> Decision:
        """A key's own policy must let the caller in, or leave it to the account."""
        principal = replace(caller.principal, unique_ids={})  # of a key's policy no unique IDs are kept here
        said, itself = trusts(self.state.key_policy(question.resource), {}, principal, question)
        if said is Verdict.DENY:
            return Decision(allowed=False, reason="with an explicit deny in a resource-based policy")
        if said is Verdict.NOTHING:
            return Decision(
                allowed=False, reason=f"because no resource-based policy allows the {question.action} action"
            )
        return Decision(allowed=True) if itself and "explicit deny" not in own.reason else own

    def _may_take(self, caller: Caller, role: Role | None, question: Question) -> bool:
        if role is None or not self.enabled:
            return role is not None
        said, itself = trusts(*self.state.trust(role), caller.principal, question)
        if said is not Verdict.ALLOW:
            return False
        if caller.held is None:
            return True
        if itself and caller.account == role.account_id:
            return verdict(caller.held.identity, question) is not Verdict.DENY
        return decide(caller.held, question).allowed

    def _by_web_identity(self, arn: str, request: AwsRequest) -> Session:
        role = self.state.role(arn)
        if role is not None and (not self.enabled or self._trusts_token(role, arn, request)):
            return Session(arn, role.id, str(request.parameters.get("RoleSessionName")))
        raise AwsError("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", HTTPStatus.FORBIDDEN)

    def _trusts_token(self, role: Role, arn: str, request: AwsRequest) -> bool:
        token = str(request.parameters.get("WebIdentityToken", ""))
        provider = self.state.provider(role.account_id, issuer_of(claims_of(token)))
        context = self.verified(token, provider)
        principal = Principal("Federated", (provider.arn,) if provider else (), {})
        question = Question("sts:AssumeRoleWithWebIdentity", arn, context)
        return trusts(*self.state.trust(role), principal, question)[0] is Verdict.ALLOW


def _inherited(session: Session | None) -> dict[str, str]:
    return {key: session.tags[key] for key in session.transitive if key in session.tags} if session else {}
