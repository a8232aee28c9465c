"""What was read becomes a Secret's data in ESO's order, as bytes, whatever it holds, and an error never quotes it."""

from typing import Any

import pytest

from components.core.secret.extraction import Assembled, Got, assemble
from components.core.secret_value import Secret
from components.core.spec.specs import SecretSpec
from components.errors import ExtractError, SpecError


def spec_of(**bag: Any) -> SecretSpec:
    return SecretSpec.from_bag({"namespace": "n", "secretName": "s", "owner": "o", **bag})


def one(value: str, **fields: Any) -> bytes:
    """The value of key k, which is made of parameter p."""
    return assemble(spec_of(data={"k": {"key": "p", **fields}}), Got({(None, "p"): Secret(value)})).data["k"]


def extracted(value: str, **fields: Any) -> dict[str, bytes]:
    """The keys that are extracted of parameter p."""
    entry = {"extract": {"key": "p", **fields}}
    return assemble(spec_of(dataFrom=[entry]), Got({(None, "p"): Secret(value)})).data


FIND = {"path": "/t", "name": {"regexp": "."}}
FOUND = 'find {"name": {"regexp": "."}, "path": "/t"}'


def found(listing: dict[str, str], *rewrite: Any, **fields: Any) -> dict[str, bytes]:
    """The keys that are made of the parameters that were found."""
    entry = {"find": {**FIND, **fields}, "rewrite": list(rewrite)}
    got = Got(listings={(None, FOUND): {name: Secret(value) for name, value in listing.items()}})
    return assemble(spec_of(dataFrom=[entry]), got).data


def test_whole_values_and_properties() -> None:
    data = {"all": {"key": "p"}, "a": {"key": "p", "property": "a"}, "old": {"key": "p", "property": "a", "version": 2}}
    got = Got({(None, "p"): Secret('{"a": "x"}'), (None, "p:2"): Secret('{"a": "y"}')})
    assert assemble(spec_of(data=data), got).data == {"all": b'{"a": "x"}', "a": b"x", "old": b"y"}


def test_an_error_names_the_version_that_was_asked_for() -> None:
    spec = spec_of(data={"k": {"key": "p", "property": "a", "version": "2"}})
    with pytest.raises(ExtractError, match=r"^key k: parameter p:2: it has no JSON property 'a'$"):
        assemble(spec, Got({(None, "p:2"): Secret("{}")}))


def test_each_entry_may_have_a_store_of_its_own() -> None:
    data = {"a": {"key": "p"}, "b": {"key": "p", "store": "other"}}
    got = Got({(None, "p"): Secret("1"), ("other", "p"): Secret("2")})
    assert assemble(spec_of(data=data), got).data == {"a": b"1", "b": b"2"}


def test_a_lone_surrogate_becomes_the_replacement_character_as_in_go() -> None:
    assert one("a\ud83d") == "a\ufffd".encode()


@pytest.mark.parametrize("path", ["nope", "a.b.c"])
def test_a_missing_property_names_key_parameter_and_property_but_no_value(path: str) -> None:
    with pytest.raises(ExtractError) as caught:
        one('{"a": "s3cret"}', property=path)
    assert str(caught.value) == f"key k: parameter p: it has no JSON property {path!r}"
    assert "s3cret" not in repr(caught.value.__context__)


@pytest.mark.parametrize(
    ("text", "strategy", "value"),
    [  # as recorded of ESO, case `decoding`
        ("aGVsbG8/Pg==", "Base64", b"hello?>"),
        ("aGVsbG8_Pn5-", "Base64URL", b"hello?>~~"),
        ("aGVsbG8_Pn5-", "Auto", b"hello?>~~"),
        ("not base64!", "Auto", b"not base64!"),
        ("1234", "Auto", b"\xd7m\xf8"),
        ("aGVsbG8/Pg==", "None", b"aGVsbG8/Pg=="),
    ],
)
def test_values_are_decoded(text: str, strategy: str, value: bytes) -> None:
    assert one(text, decodingStrategy=strategy) == value
    assert extracted(f'{{"k": "{text}"}}', decodingStrategy=strategy) == {"k": value}
    assert found({"k": text}, decodingStrategy=strategy) == {"k": value}


def test_a_property_is_taken_out_before_it_is_decoded() -> None:
    assert one('{"a": "b25l"}', property="a", decodingStrategy="Base64") == b"one"


def test_what_cannot_be_decoded_names_key_parameter_and_strategy_but_no_value() -> None:
    with pytest.raises(ExtractError) as caught:
        one("s3cret!", decodingStrategy="Base64")
    assert str(caught.value).startswith("key k: parameter p: the value is not Base64 with padding")
    with pytest.raises(ExtractError, match=r"^dataFrom\[0\].extract: parameter p: key 'b': the value is not Base64"):
        extracted('{"a": "b25l", "b": "s3cret!"}', decodingStrategy="Base64")


def test_null_bytes_are_refused_where_the_policy_says_so() -> None:
    assert one("AA==", decodingStrategy="Base64") == b"\0"
    with pytest.raises(ExtractError, match="the value for key 'k' contains null bytes"):
        one("AA==", decodingStrategy="Base64", nullBytePolicy="Fail")
    with pytest.raises(ExtractError, match=r"^dataFrom\[0\].find: the value for key 'k' contains null bytes"):
        found({"k": "AA=="}, decodingStrategy="Base64", nullBytePolicy="Fail")


def test_a_strategy_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(SpecError, match="decodingStrategy 'Base' is not known; write None, Base64, Base64URL or Auto"):
        one("x", decodingStrategy="Base")


def test_an_object_gives_its_members_and_a_property_of_it_too() -> None:
    assert extracted('{"s": "x", "n": 1.0, "o": {"k": 1}}') == {"s": b"x", "n": b"1.0", "o": b'{"k": 1}'}
    assert extracted('{"db": {"u": "x"}}', property="db") == {"u": b"x"}
    assert extracted("null") == {}


def test_what_is_no_object_cannot_be_extracted() -> None:
    with pytest.raises(ExtractError, match=r"^dataFrom\[0\].extract: parameter p: the value is JSON but not an object"):
        extracted("[1,2]")
    with pytest.raises(ExtractError, match=r"^dataFrom\[0\].extract: parameter p: it has no JSON property 'db'"):
        extracted("{}", property="db")


def test_keys_are_converted_unless_they_are_rewritten() -> None:
    assert found({"/t/a": "1"}) == {"_t_a": b"1"}
    assert found({"/t/a": "1"}, conversionStrategy="Unicode") == {"_U002f_t_U002f_a": b"1"}
    with pytest.raises(ExtractError, match=r"^dataFrom\[0\].find: secret key '/t/a' is not allowed"):
        found({"/t/a": "1"}, {"regexp": {"source": "zzz", "target": ""}})
    with pytest.raises(ExtractError, match="makes 'a_b' of two keys"):
        extracted('{"a/b": 1, "a_b": 2}')


def test_letters_that_eso_lets_pass_and_the_api_server_refuses_are_refused() -> None:
    with pytest.raises(ExtractError, match="secret key 'ünï' is not allowed: Kubernetes wants a-z, A-Z, 0-9"):
        extracted('{"ünï": 1}')


def test_an_empty_key_is_dropped() -> None:
    assert extracted('{"": 1, "a": 2}') == {"a": b"2"}
    assert found({"/t/a": "1", "b": "2"}, {"regexp": {"source": "/t/a", "target": ""}}) == {"b": b"2"}


def test_later_entries_go_over_earlier_ones_and_data_over_all() -> None:
    entries = [{"extract": {"key": "m1"}}, {"extract": {"key": "m2"}}]
    got = Got(
        {
            (None, "m1"): Secret('{"a": "m1", "b": "m1", "c": "m1"}'),
            (None, "m2"): Secret('{"b": "m2", "c": "m2"}'),
            (None, "k"): Secret("data"),
        }
    )
    data = assemble(spec_of(dataFrom=entries, data={"c": {"key": "k"}}), got).data
    assert data == {"a": b"m1", "b": b"m2", "c": b"data"}


def test_tags_are_read_as_go_writes_a_map_in_json() -> None:
    tags = {"env": "prod", "dev": "al<i>ce & \u2028"}
    data = {"all": {"key": "p", "metadataPolicy": "Fetch"}}
    data["one"] = {**data["all"], "property": "dev"}
    entry = {"extract": {"key": "p", "metadataPolicy": "Fetch"}}
    assembled = assemble(spec_of(data=data, dataFrom=[entry]), Got(tags={(None, "tags of p"): tags}))
    assert assembled.data == {
        "all": b'{"dev":"al\\u003ci\\u003ece \\u0026 \\u2028","env":"prod"}',
        "one": "al<i>ce & \u2028".encode(),
        "dev": "al<i>ce & \u2028".encode(),
        "env": b"prod",
    }


def test_no_tags_are_an_empty_object() -> None:
    spec = spec_of(data={"k": {"key": "p", "metadataPolicy": "Fetch"}})
    assert assemble(spec, Got(tags={(None, "tags of p"): {}})).data == {"k": b"{}"}


@pytest.mark.parametrize("policy", ["Delete", "Merge"])
def test_a_missing_parameter_is_skipped_where_the_deletion_policy_says_so(policy: str) -> None:
    spec = spec_of(
        target={"deletionPolicy": policy},
        data={"a": {"key": "gone"}, "b": {"key": "p"}},
        dataFrom=[{"extract": {"key": "gone"}}],
    )
    got = Got({(None, "p"): Secret("1")}, missing=frozenset({(None, "gone")}))
    assert assemble(spec, got) == Assembled(
        {"b": b"1"}, ("dataFrom[0].extract: parameter gone", "key a: parameter gone")
    )


def test_a_missing_parameter_is_an_error_by_default_and_missing_tags_always() -> None:
    data = {"a": {"key": "gone"}}
    with pytest.raises(ExtractError, match=r"^key a: parameter gone does not exist$"):
        assemble(spec_of(data=data), Got(missing=frozenset({(None, "gone")})))
    spec = spec_of(data={"a": {"key": "gone", "metadataPolicy": "Fetch"}}, target={"deletionPolicy": "Merge"})
    with pytest.raises(ExtractError, match=r"^key a: parameter gone does not exist$"):
        assemble(spec, Got(missing=frozenset({(None, "tags of gone")})))


def test_finding_nothing_is_no_error() -> None:
    assert found({}) == {}


def test_data_is_not_shown() -> None:
    assert "s3cret" not in repr(Assembled({"k": b"s3cret"}))
