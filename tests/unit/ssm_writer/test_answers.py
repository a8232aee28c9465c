"""What is no answer of AWS's never counts as a write, a deletion, or a parameter that is not there."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from components.clients.aws import open_session
from components.clients.aws.readers import WRITERS
from components.clients.aws.writes import Writer
from components.core.secret_value import Secret
from components.core.secrets_manager import SECRETS_MANAGER
from components.core.service import Service
from components.core.service_writing import Details, Put
from components.core.spec.push_specs import PushMetadata
from components.core.spec.store_identity import StoreIdentity
from components.core.ssm import PARAMETER_STORE
from components.errors import ParameterStoreError, ReadError
from tests.unit.ssm_reader.support import KEYS, REGION, Answer, Asked, FakeClock, ScriptedAws, error, scripted_aws

ANY: PushMetadata[str] = PushMetadata()
VERSION = "11111111-1111-4111-8111-111111111111"
ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:/p-AbCdEf"
Script = Callable[[Asked], Answer]


def writer(aws: ScriptedAws, service: Service) -> Writer:
    variables = [f"AWS_{name}_ENDPOINT" for name in ("SSM", "STS", "SECRETSMANAGER")]
    session = open_session(StoreIdentity(REGION), KEYS, environ=dict.fromkeys(variables, aws.url))
    clock = FakeClock()
    limiter = clock.limiter(1000.0)
    client, caller = session.client(service.client), session.caller(service.client)
    return WRITERS[service.name](
        client, clock.retry(1.0), caller=caller, writes=limiter, deletions=limiter, others=limiter, settle=0.0
    )


def put(writer: Writer, tags: dict[str, str] | None) -> str:
    details = Details(type="String", description="d")
    return writer.put(Put("/p", version=VERSION, details=details, value=Secret("canary"), tags=tags))


DOES: dict[str, Callable[[Writer], object]] = {
    "describe": lambda writer: writer.describe({"/p": ANY}, {}),
    "create": lambda writer: put(writer, {}),
    "overwrite": lambda writer: put(writer, None),
    "delete": lambda writer: writer.delete("/p", {}, ANY),
    "tag": lambda writer: writer.tag("/p", {"a": "b"}),
    "untag": lambda writer: writer.untag("/p", ["a"]),
}
FOREIGN: dict[str, str | dict[str, Any]] = {
    "a login page": "<html><body>Please log in</body></html>",
    "half an object": '{"Version": 1',
    "a list": "[]",
    "an error of a gateway": {"error": {"code": 511, "message": "login required"}},
    "an error with status 200": {"__type": "AccessDeniedException", "message": "no"},
}


@pytest.mark.parametrize("service", [PARAMETER_STORE, SECRETS_MANAGER], ids=["ssm", "secretsmanager"])
def test_what_answers_in_place_of_aws(service: Service) -> None:
    bodies = iter(FOREIGN.values())
    body: Any = next(bodies)
    with scripted_aws(lambda _: (200, body)) as aws:
        write = writer(aws, service)
        while body is not None:
            for name, do in DOES.items():
                with pytest.raises(ReadError, match="its answer is not one of AWS's") as caught:
                    do(write)
                assert "\n" not in str(caught.value), name
            body = next(bodies, None)


def of_secret(**more: Any) -> dict[str, Any]:
    return {"Name": "/p", "ARN": ARN, **more}


def described(**more: Any) -> dict[str, Any]:
    return {"Parameters": [{"Name": "/p", "Type": "String", **more}]}


WRONG: dict[str, tuple[Service, str, dict[str, Any]]] = {
    "no list of parameters": (PARAMETER_STORE, "describe", {}),
    "a policy that is no JSON": (PARAMETER_STORE, "describe", described(Policies=[{"PolicyText": "canary{"}])),
    "a policy without end": (PARAMETER_STORE, "describe", described(Policies=[{"PolicyText": "[" * 100_000}])),
    "a token that is a number": (PARAMETER_STORE, "describe", {"Parameters": [], "NextToken": 5}),
    "no version": (PARAMETER_STORE, "overwrite", {"Tier": "Standard"}),
    "a version that is a word": (PARAMETER_STORE, "create", {"Version": "canary"}),
    "version 0": (PARAMETER_STORE, "create", {"Version": 0}),
    "a version that is true": (PARAMETER_STORE, "overwrite", {"Version": True}),
    "a secret without a name": (SECRETS_MANAGER, "describe", {"ARN": ARN}),
    "another secret that is described": (SECRETS_MANAGER, "describe", of_secret(Name="/other")),
    "another secret that is created": (SECRETS_MANAGER, "create", of_secret(Name="/other")),
    "another secret that is written": (SECRETS_MANAGER, "overwrite", of_secret(Name="/other", VersionId=VERSION)),
    "another version": (SECRETS_MANAGER, "overwrite", of_secret(VersionId=VERSION.replace("1", "2"))),
    "no version of a secret": (SECRETS_MANAGER, "overwrite", of_secret()),
    "another secret that is deleted": (SECRETS_MANAGER, "delete", of_secret(Name="/other")),
    "an empty answer to a deletion": (SECRETS_MANAGER, "delete", {}),
}


@pytest.mark.parametrize(("service", "do", "body"), WRONG.values(), ids=WRONG)
def test_an_answer_that_does_not_say_what_it_must(service: Service, do: str, body: dict[str, Any]) -> None:
    with scripted_aws(lambda _: (200, body)) as aws, pytest.raises(ReadError, match="not one of AWS's") as caught:
        DOES[do](writer(aws, service))
    assert "canary" not in str(caught.value)


def pages(tokens: Iterator[str]) -> Script:
    return lambda _: (200, {"Parameters": [], "NextToken": next(tokens)})


@pytest.mark.parametrize("tokens", [iter(lambda: "again", ""), map(str, count())], ids=["one token", "ever new ones"])
def test_descriptions_end(tokens: Iterator[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("components.clients.aws.ssm.writer._MOST_PAGES", 5)
    with scripted_aws(pages(tokens)) as aws, pytest.raises(ReadError, match="its answer is not one of AWS's"):
        writer(aws, PARAMETER_STORE).describe({"/p": ANY}, {})
    assert len(aws.requests) < 20


def test_the_pages_of_a_description_are_all_read() -> None:
    tokens = iter(["next", ""])
    with scripted_aws(lambda _: (200, {**described(), "NextToken": next(tokens)})) as aws:
        assert list(writer(aws, PARAMETER_STORE).describe({"/p": ANY}, {})) == ["/p"]
    assert [asked.body.get("NextToken") for asked in aws.requests] == [None, "next"]


@pytest.mark.parametrize("service", [PARAMETER_STORE, SECRETS_MANAGER], ids=["ssm", "secretsmanager"])
@pytest.mark.parametrize("body", ["", {}])
def test_that_tags_are_set_aws_says_without_a_word(service: Service, body: Any) -> None:
    with scripted_aws(lambda _: (200, body)) as aws:
        writer(aws, service).tag("/p", {"a": "b"})
        writer(aws, service).untag("/p", ["a"])
    assert len(aws.requests) == 2


@pytest.mark.parametrize("service", [PARAMETER_STORE, SECRETS_MANAGER], ids=["ssm", "secretsmanager"])
@pytest.mark.parametrize("code", ["InternalServerError", "ExpiredTokenException"])
def test_what_failed_for_good_fails_in_the_same_way_again(service: Service, code: str) -> None:
    """It said that this is a bug: all pushes of an operation share the writer of their store."""
    with scripted_aws(lambda _: error(code)) as aws:
        write, texts = writer(aws, service), set[str]()
        for do in ("create", "overwrite"):
            with pytest.raises(ParameterStoreError) as caught:
                DOES[do](write)
            texts.add(str(caught.value))
            asked = len(aws.requests)
    assert len(texts) == 1
    assert asked == len(aws.requests)
