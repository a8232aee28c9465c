"""What only the Secret's keys tell: dataTo, conversion, and several Secrets at once."""

from typing import Any

import pytest

from components.core.parameter.expansion import expanded, reversed_unicode
from components.core.parameter.pushed_values import merged, part_values
from components.core.parameter.wanted_parameters import WantedParameter, wanted_parameters
from components.core.spec.push_specs import PushSpec
from components.core.ssm import PARAMETER_STORE
from components.errors import SpecError

ENV = {"DB_HOST": b"db.internal", "DB_USER": b"svc", "DB_PASS": b"p@ss", "API_TOKEN": b"tok-1"}
TO = {"store": "s"}


def spec(**given: Any) -> PushSpec:
    owner = {"urn": "urn:pulumi:dev::shop::parameterstore:index:PushSecret::push"}
    stores = {"s": {"region": "eu-central-1"}}
    return PushSpec.from_bag({"namespace": "team-a", "secret": "src", "owner": owner, "stores": stores, **given})


def pushed(contents: dict[str, dict[str, bytes]] | None = None, **given: Any) -> dict[str, str]:
    found = contents or {"src": ENV}
    wanted: dict[str, WantedParameter] = wanted_parameters(
        expanded(spec(**given), "s", found), "", PARAMETER_STORE.writing
    )
    return {
        name: merged(part_values(each, found, PARAMETER_STORE.writing), None).reveal() for name, each in wanted.items()
    }


# Recorded from External Secrets Operator: the cases push_data_to_*.
@pytest.mark.parametrize(
    ("to", "parameters"),
    [
        ({}, {"API_TOKEN": "tok-1", "DB_HOST": "db.internal", "DB_PASS": "p@ss", "DB_USER": "svc"}),
        (
            {
                "match": {"regexp": "^DB_"},
                "rewrite": [
                    {"regexp": {"source": "^DB_", "target": "db/"}},
                    {"regexp": {"source": "^", "target": "/app/prod/"}},
                ],
            },
            {"/app/prod/db/HOST": "db.internal", "/app/prod/db/PASS": "p@ss", "/app/prod/db/USER": "svc"},
        ),
        (
            {
                "match": {"regexp": "TOKEN"},
                "rewrite": [{"transform": {"template": '/app/{{ .value | lower | replace "_" "-" }}'}}],
            },
            {"/app/api-token": "tok-1"},
        ),
        (
            {"remoteKey": "/app/bundle", "match": {"regexp": "^DB_"}},
            {"/app/bundle": '{"DB_HOST":"ZGIuaW50ZXJuYWw=","DB_PASS":"cEBzcw==","DB_USER":"c3Zj"}'},
        ),
        (
            {"remoteKey": "/app/api", "match": {"regexp": "^API_"}, "metadata": {"encodeAsDecoded": True}},
            {"/app/api": '{"API_TOKEN":"tok-1"}'},
        ),
        ({"match": {"regexp": "^ZZZ"}}, {}),
        ({"store": "other"}, {}),
    ],
)
def test_all_keys_that_match(to: dict[str, Any], parameters: dict[str, str]) -> None:
    assert pushed(dataTo=[{**TO, **to}]) == parameters


def test_an_entry_of_data_takes_its_key_out() -> None:
    data = [{"secretKey": "DB_PASS", "remoteKey": "/special/password"}]
    to = {**TO, "rewrite": [{"regexp": {"source": "^", "target": "/app/"}}]}
    assert sorted(pushed(data=data, dataTo=[to])) == [
        "/app/API_TOKEN",
        "/app/DB_HOST",
        "/app/DB_USER",
        "/special/password",
    ]


def test_converted_keys_are_seen_by_match_rewrite_and_secret_key() -> None:
    contents = {"src": {"app_U002f_user": b"u", "app_U002f_pass": b"p", "plain": b"x"}}
    to = {
        **TO,
        "conversionStrategy": "ReverseUnicode",
        "match": {"regexp": "^app/"},
        "rewrite": [{"regexp": {"source": "^app/", "target": "/conv/"}}],
    }
    assert pushed(contents, dataTo=[to]) == {"/conv/pass": "p", "/conv/user": "u"}
    data = [{"secretKey": "app/user", "remoteKey": "conv", "conversionStrategy": "ReverseUnicode"}]
    assert pushed(contents, data=data) == {"conv": "u"}
    assert reversed_unicode("_U002f__U1f600__Ud800__U12_") == "/😀\ufffd_U12_"


@pytest.mark.parametrize(
    ("to", "problem"),
    [
        (
            {"match": {"regexp": "^DB_(USER|PASS)$"}, "rewrite": [{"regexp": {"source": "^DB_.*$", "target": "same"}}]},
            "duplicate remote key 'same': key 'DB_PASS' and key 'DB_USER'",
        ),
        (
            {"match": {"regexp": "API"}, "rewrite": [{"regexp": {"source": ".*", "target": ""}}]},
            r"dataTo\[0\]: empty remote key produced for source key 'API_TOKEN'",
        ),
        ({"match": {"regexp": "API"}, "rewrite": [{"regexp": {"source": "_", "target": " "}}]}, "parameter's name"),
    ],
)
def test_keys_that_make_no_name_of_their_own(to: dict[str, Any], problem: str) -> None:
    with pytest.raises(SpecError, match=problem):
        pushed(dataTo=[{**TO, **to}])


def test_several_secrets_write_parameters_of_their_own_and_never_one_in_turns() -> None:
    label = [{"key": "push", "operator": "Exists"}]
    assert pushed({"a": {"x": b"1"}, "b": {"y": b"2"}}, selector=label, dataTo=[TO]) == {"x": "1", "y": "2"}
    with pytest.raises(SpecError, match="key 'x' of Secret a and key 'x' of Secret b both write the same"):
        pushed({"a": {"x": b"1"}, "b": {"x": b"1"}}, selector=label, dataTo=[TO])
    assert expanded(spec(selector=label, dataTo=[TO]), "s", {}) == []
