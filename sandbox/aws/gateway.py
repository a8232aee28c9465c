"""The WSGI application in front of moto: logs calls, lets faults strike, authorises, answers for services itself.

`/sandbox/calls`, `/sandbox/faults` and `/sandbox/reset` are its own endpoints, for tests in another process.
"""

import io
import json
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.iam.models import get_account_id_from
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ssm.models import ssm_backends

from . import authorization, pod_identity_agent
from .access_entries import AccessEntries
from .calls import Call, CallLog
from .errors import AwsError, ConnectionDropped
from .faults import Faults
from .iam.authoriser import Authoriser
from .iam.evaluation import Held
from .iam.state import Caller, Session
from .iam.trust import Principal
from .parameters import ParameterStore
from .pod_identity import PodIdentityAssociations
from .request import AwsRequest, parse
from .secrets_manager import SecretsManager

StartResponse = Callable[[str, list[tuple[str, str]]], object]
_ASSUME_ROLE = ("AssumeRole", "AssumeRoleWithWebIdentity")
_REGIONAL = ("ssm", "secretsmanager")
_TRUSTS = ("CreateRole", "UpdateAssumeRolePolicy")


class Gateway:
    """WSGI application; `wait` sleeps for a slow fault and may be cut short when the server closes."""

    def __init__(self, wait: Callable[[float], object]) -> None:
        self.calls = CallLog()
        self.faults = Faults()
        self.parameters = ParameterStore()
        self.secrets = SecretsManager()
        models: dict[str, ParameterStore | SecretsManager] = {"ssm": self.parameters, "secretsmanager": self.secrets}
        self._models = models
        self.pod_identities = PodIdentityAssociations()
        self._access_entries = AccessEntries()
        self.authoriser = Authoriser()
        self._wait = wait
        self._moto = DomainDispatcherApplication(create_backend_app)
        # moto's backends are plain dicts that its own server changes from several threads.
        self._lock = threading.RLock()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            ConnectionDropped: the `down` fault; the server resets the connection.
        """
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path = environ.get("PATH_INFO", "")
        pod = pod_identity_agent.PATH.fullmatch(path)
        if pod:
            status, content_type, answer = self._for_pod(pod["cluster"], str(environ.get("HTTP_AUTHORIZATION", "")))
        elif path.startswith("/sandbox/"):
            status, content_type, answer = self._control(environ["REQUEST_METHOD"], path, body)
        elif path.startswith("/moto-api"):
            return self._pass_on(environ, body, start_response)
        else:
            request = parse(environ, body)
            caller = self._caller(request)
            try:
                status, content_type, answer, error = self._answer(request, caller, environ, body)
            except ConnectionDropped:
                self._log(request, caller.arn, 0, "ConnectionDropped")
                raise
            self._log(request, caller.arn, status, error)
        start_response(
            f"{status} {HTTPStatus(status).phrase}",
            [("Content-Type", content_type), ("Content-Length", str(len(answer)))],
        )
        return [answer]

    def reset(self) -> None:
        """Forget all AWS resources, calls and faults."""
        with self._lock:
            BackendDict.reset()
            reset_model_data()
        self.pod_identities.clear()
        self._access_entries.clear()
        self.authoriser.clear()
        self.authoriser.enabled = True
        self.faults.clear()
        self.calls.clear()

    def put_parameter(self, parameters: dict[str, Any], account: str, region: str) -> int:
        """Write a parameter from the outside: neither logged nor hit by faults.

        Raises:
            AwsError: what AWS would answer.
        """
        with self._lock:
            return int(self.parameters.answer("PutParameter", parameters, account, region)["Version"])

    def hold_tags(self, name: str, tags: dict[str, str], account: str, region: str) -> None:
        """Give a parameter tags from the outside, also such as AWS refuses."""
        with self._lock:
            self.parameters.hold_tags(name, tags, account, region)

    def _answer(
        self, request: AwsRequest, caller: Caller, environ: dict[str, Any], body: bytes
    ) -> tuple[int, str, bytes, str | None]:
        try:
            self.faults.strike(request.service, request.operation, self._wait)
            _refuse_unknown_region(request, caller)
            session = self._authorize(request, caller)
            model = self._models.get(request.service)
            if model is not None and model.answers(request.operation, request.parameters):
                with self._lock:
                    answer = model.answer(
                        request.operation, request.parameters, caller.account, request.region, caller.arn
                    )
                    if request.operation == "BatchGetSecretValue":
                        answer = self._permitted(request, caller, answer)
                return 200, "application/x-amz-json-1.1", json.dumps(answer).encode(), None
            for eks in (self.pod_identities, self._access_entries):
                if eks.answers(request.service, request.operation):
                    with self._lock:
                        answer = eks.answer(request.operation, body, caller.account, request.region)
                    return 200, "application/json", json.dumps(answer).encode(), None
            with self._lock:
                after = self._before(request, caller)
                status, headers, content = self._run_moto(request, environ, body)
                if status < HTTPStatus.BAD_REQUEST:
                    after()
        except AwsError as error:
            return *_error_answer(error, is_json=request.is_json), error.code
        content_type = headers.get("content-type", "text/plain")
        if status >= HTTPStatus.BAD_REQUEST:
            return status, content_type, content, _error_code(headers, content, status)
        return status, content_type, self._note(request, caller, session, content), None

    def _permitted(self, request: AwsRequest, caller: Caller, answer: dict[str, Any]) -> dict[str, Any]:
        """A batch's answer with an error in place of each value that the caller may not read."""
        values, errors = [], list(answer["Errors"])
        for each in answer["SecretValues"]:
            alone = replace(request, operation="GetSecretValue", parameters={"SecretId": each["ARN"]})
            try:
                self._authorize(alone, caller)
            except AwsError as error:
                errors.append({"SecretId": each["Name"], "ErrorCode": error.code, "Message": error.message})
            else:
                values.append(each)
        return {**answer, "SecretValues": values, "Errors": errors}

    def _before(self, request: AwsRequest, caller: Caller) -> Callable[[], None]:
        """Look at a call that moto is going to answer; returns what to do after it has succeeded."""
        if request.service != "secretsmanager":
            return lambda: None
        return self.secrets.before(request.operation, request.parameters, caller.account, request.region)

    def _authorize(self, request: AwsRequest, caller: Caller) -> Session | None:
        """Let a call pass or deny it; return the session that it is going to get, if it takes a role."""
        with self._lock:
            needed = self.authoriser.required(request, caller.account)
            denied = authorization.first_denied(needed, self.faults.denials)
            if request.service == "sts":
                if denied is not None and request.operation == "AssumeRoleWithWebIdentity":
                    raise authorization.web_identity_denial()
                if denied is None:
                    taken = request.operation in _ASSUME_ROLE
                    return self.authoriser.take_role(request, caller) if taken else None
            found = (denied, "") if denied else self.authoriser.first_denied(caller, needed)
        if found is not None:
            raise authorization.denial(found[0], caller.arn, found[1], is_json=request.is_json)
        return None

    def _caller(self, request: AwsRequest) -> Caller:
        """The caller that signed; nobody in particular for calls that are not signed."""
        if not request.access_key_id:
            return Caller("anonymous", get_account_id_from(""), Principal("AWS", (), {}), Held())
        with self._lock:
            return self.authoriser.state.caller(request.access_key_id)

    def _note(self, request: AwsRequest, caller: Caller, session: Session | None, content: bytes) -> bytes:
        """Keep what a successful call changed for later decisions."""
        with self._lock:
            if session is not None:
                self.authoriser.remember(session, content)
            elif request.service == "iam" and request.operation in _TRUSTS:
                self.authoriser.state.remember_trust(caller.account, str(request.parameters["RoleName"]))
        if request.operation == "GetCallerIdentity":
            return re.sub(rb"<Arn>.*?</Arn>", f"<Arn>{caller.arn}</Arn>".encode(), content)
        return content

    def _run_moto(self, request: AwsRequest, environ: dict[str, Any], body: bytes) -> tuple[int, dict[str, str], bytes]:
        answered: list[Any] = []
        what = f"{request.service}:{request.operation}"

        def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> None:
            answered[:] = [int(status.split(maxsplit=1)[0]), {name.lower(): value for name, value in headers}]

        try:
            content = b"".join(self._pass_on(environ, body, start_response))
        except NotImplementedError:
            raise AwsError("NotImplemented", f"the sandbox's AWS (moto) has no {what}", 501) from None
        except Exception as error:  # noqa: BLE001 - moto fails in any way on input that AWS would refuse
            text = f"the sandbox's AWS (moto) failed in {what}: {type(error).__name__}"
            raise AwsError("InternalFailure", text, 500) from None
        return answered[0], answered[1], content

    def _pass_on(self, environ: dict[str, Any], body: bytes, start_response: Any) -> list[bytes]:
        environ["wsgi.input"] = io.BytesIO(body)
        with self._lock:
            return list(self._moto(environ, start_response))

    def _for_pod(self, cluster: str, token: str) -> tuple[int, str, bytes]:
        try:
            with self._lock:
                found = pod_identity_agent.credentials(self.pod_identities, self.authoriser, cluster, token)
        except AwsError as error:
            return _json_answer({"code": error.code, "message": error.message}, error.status)
        return _json_answer(found)

    def _control(self, method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        try:
            match method, path:
                case "GET", "/sandbox/calls":
                    return _json_answer([asdict(call) for call in self.calls.snapshot()])
                case "DELETE", "/sandbox/calls":
                    self.calls.clear()
                case "GET", "/sandbox/faults":
                    return _json_answer(self.faults.describe())
                case "POST", "/sandbox/faults":
                    self.faults.add(json.loads(body))
                case "DELETE", "/sandbox/faults":
                    self.faults.clear()
                case "POST", "/sandbox/reset":
                    self.reset()
                case _:
                    return _json_answer({"error": f"there is no {method} {path}"}, 404)
        except (ValueError, TypeError) as error:
            return _json_answer({"error": str(error)}, 400)
        return _json_answer({})

    def _log(self, request: AwsRequest, principal: str, status: int, error: str | None) -> None:
        self.calls.add(
            Call(
                request.service,
                request.operation,
                request.names,
                request.path,
                request.decrypts,
                request.region,
                request.access_key_id,
                principal,
                status,
                error,
            )
        )


def _error_code(headers: dict[str, str], content: bytes, status: int) -> str:
    """The error code in an answer of moto, whatever its protocol; the HTTP status when there is none."""
    found = re.search(rb'<Code>(.*?)</Code>|"__type": ?"(?:[^"]*#)?(.*?)"', content)
    if found:
        return (found[1] or found[2]).decode()
    return headers.get("x-amzn-errortype", str(status))


def _json_answer(content: object, status: int = 200) -> tuple[int, str, bytes]:
    return status, "application/json", json.dumps(content).encode()


def _error_answer(error: AwsError, *, is_json: bool) -> tuple[int, str, bytes]:
    if is_json:
        content = {"__type": error.code} | ({"message": error.message} if error.message else {})
        return error.status, "application/x-amz-json-1.1", json.dumps(content).encode()
    # Query services call it Throttling where JSON services call it ThrottlingException.
    code = "Throttling" if error.code == "ThrottlingException" else error.code
    fault = "Sender" if error.status < HTTPStatus.INTERNAL_SERVER_ERROR else "Receiver"
    text = (
        f"<ErrorResponse><Error><Type>{fault}</Type><Code>{escape(code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>sandbox</RequestId></ErrorResponse>"
    )
    return error.status, "text/xml", text.encode()


def _refuse_unknown_region(request: AwsRequest, caller: Caller) -> None:
    """Answer where AWS has no server at all: a name under amazonaws.com that does not exist.

    Raises:
        AwsError: there is no such region.
    """
    if request.service in _REGIONAL and request.region not in ssm_backends[caller.account].regions:
        raise AwsError("UnknownRegion", f"AWS has no region {request.region}")
