"""Whatever text and path there are, a lookup gives a result or one of our errors, and no error holds a value."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.errors import ExtractError
from components.golang.gjson import PropertyNotFoundError, UnsupportedPathError, extract_property, get, object_entries
from components.golang.gjson.evaluate import Evaluation
from components.golang.gjson.lookup import _ORDINARY
from components.golang.gjson.property_errors import shown
from components.golang.gjson.scan import to_byte_text, to_unicode
from components.golang.gjson.validity import is_valid
from components.golang.gjson.work import Work

CANARY = "canary-4711"

SYNTAX = st.text(alphabet='{}[]():,"\\.|#@!*?~%=<> \n01ab-tfné\ud800', max_size=30)
KEYS = st.sampled_from(["a", "b", "ab", "a.b", "", "0", "@type", "k*", "é", "#", "tls.crt", '"'])
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["", "a", "1", "true", "[1,{}]", "é😀"])
)
DOCUMENTS = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
TEXTS = st.text(max_size=40) | SYNTAX | DOCUMENTS.map(json.dumps)
SEGMENTS = st.sampled_from(
    r"""a b ab a\.b 0 1 01 # * a* ?b @this @keys @values @reverse @flatten @join @pretty @ugly @tostr @fromstr @valid
    @group @dig:a @type !"x" !1 !nan #(a==1) #(a=="a")# #(%"a*") #(~true)# #(#(b>1)#)# {a,b} [a,0] {"n":a} {k:@this}
    @pretty:{"sortKeys":true,"width":3} @flatten:{"deep":true} @join:{"preserve":true} \ ..""".split()  # noqa: SIM905 - a table of words
)
PATHS = st.lists(SEGMENTS | KEYS, max_size=6).flatmap(
    lambda parts: st.sampled_from([".", "|"]).map(lambda separator: separator.join(parts))
)


@settings(max_examples=400, deadline=None)
@given(TEXTS, PATHS | SYNTAX | st.text(max_size=20))
@example('{"a":1}', "\ud800")
@example("\ud800", "@this")
@example('"\\ud800"', "@tostr")
def test_a_result_or_our_error(text: str, path: str) -> None:
    try:
        result = get(text, path)
        (result.string + result.raw).encode()
        assert result.exists or (result.string, result.raw, result.type) == ("", "", "Null")
    except UnsupportedPathError:
        pass


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, PATHS)
def test_no_error_holds_a_value(document: object, path: str) -> None:
    text = json.dumps({"a": document, "b": [CANARY, {"a": CANARY}], CANARY: 1})
    for lookup in (lambda: extract_property(text, path), lambda: object_entries(text + "x")):
        try:
            lookup()
        except ExtractError as error:
            caught = error
        else:
            continue
        assert CANARY not in str(caught)
        assert caught.__context__ is None
        if isinstance(caught, PropertyNotFoundError):
            assert shown(path) in str(caught)


@settings(max_examples=300, deadline=None)
@given(
    DOCUMENTS | st.dictionaries(KEYS, DOCUMENTS, max_size=4),
    st.lists(KEYS | st.sampled_from(["0", "1", "2"]), max_size=4),
)
def test_gjson_py_and_our_own_evaluation_agree_on_ordinary_paths(document: object, keys: list[str]) -> None:
    text, path = json.dumps(document), ".".join(key.replace(".", "\\.") for key in keys)
    if _ORDINARY.fullmatch(path):
        own = Evaluation(Work(path)).get(to_byte_text(text), path)
        result = get(text, path)
        assert (result.exists, result.type, result.raw) == (own.exists, own.kind, to_unicode(own.raw))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("[1,]")
@example("{}")
@example("[[],{}]")
@example('{"a":{},}')
@example("-")
def test_validity_is_that_of_the_json_standard(text: str) -> None:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=refuse)
        valid = True
    except ValueError:
        valid = False
    assert is_valid(text) is valid
