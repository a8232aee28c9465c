"""What went wrong in a call to AWS, told apart by kind, so that botocore's exceptions and what they quote end here.

Texts of AWS pass on only where they are known to hold no secret: error codes, and who was denied what.
"""

import json
import re
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from http import HTTPStatus
from typing import Any

from ...core.services import endpoint_names
from ..retry_after import parse_retry_after

# Codes as in botocore's own retry lists (botocore/retries/standard.py) for the services that are called here.
_THROTTLED = {
    "BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete", "RequestLimitExceeded",
    "RequestThrottled", "RequestThrottledException", "SlowDown", "Throttling", "ThrottledException",
    "ThrottlingException", "TooManyRequestsException", "TooManyUpdates",
}  # fmt: skip
_TRANSIENT = {
    "IDPCommunicationError", "InternalFailure", "InternalServerError", "RequestTimeout", "RequestTimeoutException",
}  # fmt: skip
_CREDENTIALS = {
    "AuthFailure": "are not accepted",
    "ExpiredToken": "have expired",
    "ExpiredTokenException": "have expired",
    "IncompleteSignature": "are not well-formed",
    "InvalidAccessKeyId": "are not known to AWS",
    "InvalidClientTokenId": "are not known to AWS",
    "InvalidSignatureException": "do not match their access key, or this machine's clock is wrong",
    "MissingAuthenticationToken": "are missing from the request",
    "MissingAuthenticationTokenException": "are missing from the request",
    "NotAuthorized": "are not accepted",
    "OptInRequired": "belong to an account that is not subscribed to this service or region",
    "RequestExpired": "are used with a clock that is wrong",
    "RequestTimeTooSkewed": "are used with a clock that is wrong",
    "SignatureDoesNotMatch": "do not match their access key, or this machine's clock is wrong",
    "UnrecognizedClientException": "are not known to AWS in this region",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
# STS about a ServiceAccount's token. Like a denial it may pass: an OIDC provider that was just made is not known yet.
_TOKEN = {"InvalidIdentityToken", "IDPRejectedClaim"}
_TOKEN_PROBLEMS = {
    "No OpenIDConnect provider found": "the role's account has no OIDC provider of the token's issuer",
    "Incorrect token audience": "the OIDC provider does not list the token's audience",
    "Couldn't retrieve verification key": "AWS cannot fetch the issuer's public keys",
}
_KEY = {"InvalidKeyId", "DisabledException", "KMSInvalidStateException", "InvalidCiphertextException"} | {
    "DecryptionFailure", "EncryptionFailure",
}  # fmt: skip
# Names in these ARNs are those of roles, users, parameters and keys. An endpoint could put anything there, so
# `resource` counts only where it is what was asked for, see problems.py.
_SERVICES = "|".join((*endpoint_names(), "kms", "iam"))
_IDENTITY = r"arn:aws[a-z-]*:(?:sts|iam)::\d{12}:[\w/+=,.@-]+"
_STATEMENT = re.compile(
    rf"User: (?P<identity>{_IDENTITY}) is not authorized to perform: "
    rf"(?P<action>(?:{_SERVICES}):[A-Z][A-Za-z]{{2,60}})"
    rf"(?: on resource: (?P<resource>arn:aws[a-z-]*:(?:{_SERVICES}):[a-z0-9-]*:\d{{12}}:"
    r"[\w:/+=,.@*!-]+))?"
    r"(?P<rest>.*)",
    re.DOTALL,
)
_SESSION = re.compile(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/.*")
_USER = re.compile(r"arn:[\w-]+:iam::\d{12}:(user/.+|root)")
_POLICY = (
    r"(?:(?:identity-based|resource-based|session|service control|resource control|VPC endpoint|role trust|"
    r"permissions) (?:policy|boundary))"
)
_WHY = re.compile(rf"(because no {_POLICY} allows|with an explicit deny in an? {_POLICY})")
_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429


class Kind(Enum):
    """What a failed call means for the caller."""

    THROTTLED = "throttled"
    SERVER = "server"
    ANSWER = "answer"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    DENIED = "denied"
    KEY = "key"
    CREDENTIALS = "credentials"
    REQUEST = "request"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True)
class Denial:
    """What AWS says when it denies a call.

    Attributes:
        identity: ARN of the identity that asked.
        action: the IAM action that is missing, such as `ssm:GetParameters`.
        resource: ARN that it is missing on; empty when AWS does not say.
        why: AWS's reason, such as `with an explicit deny in a service control policy`; may be empty.
    """

    identity: str
    action: str
    resource: str
    why: str

    @property
    def explicit(self) -> bool:
        """A deny statement decided: no further permission helps."""
        return self.why.startswith("with")

    @property
    def principal(self) -> str | None:
        """What a policy's `Principal` calls the caller, None if AWS named no ARN. Sessions lack their role's path."""
        session = _SESSION.fullmatch(self.identity)
        if session:
            return "arn:{}:iam::{}:role/{}".format(*session.groups())
        return self.identity if _USER.fullmatch(self.identity) else None


@dataclass(frozen=True)
class Failure:
    """One failed call.

    Attributes:
        kind: what it means.
        reason: a clause for people that holds no secret, such as `its answer took longer than 15 s`.
        code: AWS's error code, or the name of botocore's exception.
        denial: for `Kind.DENIED`, what AWS says is missing, if its text could be read.
        retry_after: seconds for which AWS wants not to be called; None where it does not say.
    """

    kind: Kind
    reason: str
    code: str
    denial: Denial | None = None
    retry_after: float | None = None

    @property
    def named(self) -> str:
        """The code in brackets, for the end of a clause; empty where the reason has it."""
        return "" if self.code in self.reason else f" ({self.code})"


class CallFailedError(Exception):
    """A call failed for good, after some attempts and seconds; in this package it becomes a ParameterStoreError."""

    def __init__(self, failure: Failure, attempts: int, seconds: float) -> None:
        super().__init__(f"{failure.code} after {attempts} attempts")
        self.failure = failure
        self.attempts = attempts
        self.seconds = seconds

    @property
    def tried(self) -> str:
        """How much was tried, for the end of a clause; empty for a single attempt."""
        return f" after {self.attempts} attempts in {self.seconds:.0f} s" if self.attempts > 1 else ""


class UnreadableAnswerError(Exception):
    """An answer arrived that AWS cannot have written. It carries nothing of that answer."""


def refuse_of_others(operation_model: Any, response_dict: Mapping[str, Any], **_: Any) -> None:
    """Refuse a success in JSON that AWS cannot have written; botocore's event `before-parse`.

    botocore makes an empty answer of any body that comes with status 200, such as a login page, and an empty answer is
    all that AWS says of a deletion.

    Raises:
        UnreadableAnswerError: the body is neither empty nor an object, or has nothing that the operation answers with.
    """
    body, members = response_dict["body"], getattr(operation_model.output_shape, "members", {})
    if operation_model.metadata.get("protocol") != "json" or response_dict["status_code"] != HTTPStatus.OK or not body:
        return
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or (answer and members.keys().isdisjoint(answer)):
        raise UnreadableAnswerError


class OversizedAnswerError(Exception):
    """An answer is larger than any of AWS's; no more of it was read."""


class NotYetError(Exception):
    """What was asked for is not there yet, and may come while a new identity settles; inside this package only."""


CORRECT = "correct the AWS_... variables of the environment, or the files in ~/.aws"
"""What to do where the SDK itself cannot use its configuration."""


def classify(error: Exception) -> Failure:
    """Tell apart what came out of a call instead of an answer: botocore's errors, or any other."""
    response = getattr(error, "response", None)
    if isinstance(response, dict) and isinstance(response.get("Error"), dict):
        failure = _answered(response)
        headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        asked = parse_retry_after(headers.get("retry-after"), headers.get("date"), now=time.time())
        return replace(failure, retry_after=asked)
    if isinstance(error, NotYetError):
        return Failure(Kind.DENIED, str(error), "NotYet")
    return _unanswered(error)


def _answered(response: Mapping[str, Any]) -> Failure:  # noqa: PLR0911  one for each kind
    code = _word(str(response["Error"].get("Code", "")))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    message = str(response["Error"].get("Message") or response["Error"].get("message") or "")
    if code in _THROTTLED or status == _TOO_MANY_REQUESTS:
        return Failure(Kind.THROTTLED, "AWS kept answering that the rate limit is exceeded", code)
    if code in _CREDENTIALS:
        return Failure(Kind.CREDENTIALS, _CREDENTIALS[code], code)
    if code in _KEY:
        return Failure(Kind.KEY, "its KMS key is disabled, waits for its deletion, or is gone", code)
    if code in _DENIED:
        return Failure(Kind.DENIED, f"AWS denied it ({code})", code, _denial(message))
    if code in _TOKEN:
        known = (clause for start, clause in _TOKEN_PROBLEMS.items() if message.startswith(start))
        return Failure(Kind.DENIED, next(known, "it does not say why"), code)
    if code in _TRANSIENT or status >= _SERVER_ERROR:
        return Failure(Kind.SERVER, f"it answered with an error of its own (HTTP {status}, {code})", code)
    return Failure(Kind.REQUEST, f"it refused the request (HTTP {status}, {code})", code)


def _unanswered(error: Exception) -> Failure:  # noqa: PLR0911  one for each kind
    # Lazily: importing botocore is what makes a cold start slow, and here it has been imported by the call.
    from botocore import exceptions as botocore  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    code = type(error).__name__
    timeouts = (botocore.ConnectTimeoutError, botocore.ReadTimeoutError)
    connection = (botocore.ConnectionError, botocore.HTTPClientError, botocore.IncompleteReadError)
    credentials = (
        botocore.ConfigNotFound, botocore.ConfigParseError, botocore.CredentialRetrievalError,
        botocore.InvalidConfigError, botocore.LoginError, botocore.MetadataRetrievalError,
        botocore.NoAuthTokenError, botocore.NoCredentialsError, botocore.PartialCredentialsError,
        botocore.ProfileNotFound, botocore.RefreshWithMFAUnsupportedError, botocore.SSOError,
        botocore.TokenRetrievalError, botocore.UnknownCredentialError,
    )  # fmt: skip
    if isinstance(error, timeouts):
        return Failure(Kind.TIMEOUT, "it did not answer in time", code)
    if isinstance(error, botocore.SSLError):
        return Failure(Kind.UNEXPECTED, _NOT_TRUSTED, code)
    if isinstance(error, OversizedAnswerError):
        return Failure(Kind.UNEXPECTED, "its answer is larger than any of AWS's: is there a proxy in between?", code)
    if isinstance(error, (ResponseParserError, UnreadableAnswerError, *_MALFORMED)) or _is_of_parser(error):
        return Failure(Kind.ANSWER, "its answer is not one of AWS's: is there a proxy in between?", code)
    if isinstance(error, connection):
        return Failure(Kind.UNREACHABLE, "it cannot be reached", code)
    if isinstance(error, credentials):
        return Failure(Kind.CREDENTIALS, _CREDENTIALS_NOT_FOUND.get(code, "cannot be loaded"), code)
    return Failure(Kind.UNEXPECTED, f"the AWS SDK failed with {code}", code)


_NOT_TRUSTED = "its TLS certificate is not trusted here: AWS_CA_BUNDLE can name a file of those that are, as of a proxy"
# What reading an answer fails with that has other kinds, or more levels, than AWS's.
_MALFORMED = (AttributeError, KeyError, IndexError, OverflowError, RecursionError, TypeError, UnicodeDecodeError)


def _is_of_parser(error: Exception) -> bool:
    """Whether botocore failed as it parsed an answer: with a date that is none it does so with a bare ValueError."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") == "botocore.parsers" for frame, _ in frames)


_CREDENTIALS_NOT_FOUND = {
    "NoCredentialsError": "are not configured",
    "PartialCredentialsError": "are incomplete",
    "ProfileNotFound": "belong to a profile that does not exist",
    "SSOTokenLoadError": "need a login: run 'aws sso login'",
    "UnauthorizedSSOTokenError": "have expired: run 'aws sso login'",
    "TokenRetrievalError": "have expired: run 'aws sso login'",
    "LoginRefreshRequired": "have expired: run 'aws login'",
    "LoginTokenLoadError": "need a login: run 'aws login'",
}


def _denial(message: str) -> Denial | None:
    found = _STATEMENT.match(message)
    if not found:
        return None
    why = _WHY.search(found["rest"] or "")
    return Denial(found["identity"], found["action"], found["resource"] or "", why[1] if why else "")


def is_identity_arn(text: str) -> bool:
    """Whether a string is the ARN of a user, a role or a session."""
    return re.fullmatch(_IDENTITY, text) is not None


def _word(code: str) -> str:
    """An error code is a word such as `ThrottlingException`; whatever else stands there is not shown."""
    return code if re.fullmatch(r"(?:[A-Z]+[a-z]+){1,8}(?:\.(?:[A-Z]+[a-z]+){1,8})?", code) else "UnknownError"
