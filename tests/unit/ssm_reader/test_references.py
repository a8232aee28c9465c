"""References are read in the forms that SSM takes; what can never exist is refused with what to write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.core.ssm.references import ParameterReference, arn, path_of
from components.errors import SpecError

ARN = "arn:aws:ssm:eu-central-1:123456789012:parameter/prod/db"


@pytest.mark.parametrize(
    ("text", "name", "selector"),
    [
        ("db", "db", ""),
        ("/db", "/db", ""),
        ("/prod/db:3", "/prod/db", "3"),
        ("/prod/db:blue-1.x_y", "/prod/db", "blue-1.x_y"),
        (ARN, ARN, ""),
        (f"{ARN}:3", ARN, "3"),
        (f"{ARN}:blue", ARN, "blue"),
        (
            "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/db",
            "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/db",
            "",
        ),
        ("/aws/service/eks/optimized-ami/1.30/image_id", "/aws/service/eks/optimized-ami/1.30/image_id", ""),
        ("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o", ""),
    ],
)
def test_what_ssm_takes(text: str, name: str, selector: str) -> None:
    reference = ParameterReference.parse(text)

    assert (reference.name, reference.selector) == (name, selector)
    assert str(reference) == text


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "is empty"),
        ("prod/db", "write '/prod/db'"),
        ("/prod//db", "write '/prod/db'"),
        ("/prod/db/", "write '/prod/db'"),
        ("/", "a level is empty"),
        ("my db", "use only letters"),
        ("/prod/{db}", "use only letters"),
        ("/prod/*", "use only letters"),
        ("/prod/db\n", "use only letters"),
        ("/prod/dbé", "use only letters"),
        ("/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p", "16 levels, SSM allows 15"),
        ("/" + "x" * 1011, "longer than 1011"),
        ("awsThing", "reserves"),
        ("SSM-thing", "reserves"),
        ("/ssm/db", "reserves"),
        ("/aws/db", "only its public parameters"),
        ("/prod/db:", "write '/prod/db'"),
        ("/prod/db:0", "neither a version"),
        ("/prod/db:1x", "neither a version"),
        ("/prod/db:aws-label", "neither a version"),
        ("/prod/db:1:2", "neither a version"),
        ("https://db.test/x?Signature=canary", "https://db.test/x is a URL, and no parameter's name"),
        ("/prefix/postgres://me:canary@db.test/x", "is a URL, and no parameter's name"),
        ("/prefixarn:aws:ssm:eu-central-1:123456789012:parameter/db", "a store's prefix goes before every key"),
        ("/barn:aws-1", "an ARN stands within it"),
        ("arn:aws:s3:::bucket", "not the ARN of a parameter"),
        ("arn:aws:ssm:eu-central-1:123:parameter/db", "not the ARN of a parameter"),
        ("arn:aws:ssm:eu-central-1:123456789012:parameter//db", "a level is empty"),
    ],
)
def test_what_can_never_exist(text: str, hint: str) -> None:
    with pytest.raises(SpecError) as raised:
        ParameterReference.parse(text)

    assert hint in str(raised.value)
    assert "canary" not in str(raised.value)


def test_one_parameter_has_one_path() -> None:
    texts = ["db", "/db", "db:3", "arn:aws:ssm:eu-central-1:123456789012:parameter/db:3"]

    assert {path_of(text) for text in texts} == {"/db"}
    assert {ParameterReference.parse(text).path for text in texts} == {"/db"}


@pytest.mark.parametrize(
    ("partition", "region", "name", "expected"),
    [
        ("aws", "eu-central-1", "/prod/db", ARN),
        (
            "aws",
            "eu-central-1",
            ARN.replace("123456789012", "210987654321"),
            ARN.replace("123456789012", "210987654321"),
        ),
        ("aws-cn", "cn-north-1", "db", "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/db"),
        ("aws", "us-east-1", "/aws/service/x", "arn:aws:ssm:us-east-1::parameter/aws/service/x"),
    ],
)
def test_the_arn_that_iam_checks(partition: str, region: str, name: str, expected: str) -> None:
    assert arn(partition, region, "123456789012", name) == expected


@given(st.text(alphabet="ab/:.-_ 1é*", max_size=20) | st.text(max_size=20))
def test_every_text_is_either_taken_as_it_is_or_refused(text: str) -> None:
    try:
        reference = ParameterReference.parse(text)
    except SpecError:
        return
    assert str(reference) == text
    assert reference.path == path_of(text)


@pytest.mark.parametrize(
    ("name", "path"),
    [("/app/", "/app"), ("app/", "/app"), ("/a/b//", "/a/b"), ("/a//b/", "/a/b")],
)
def test_a_path_in_the_place_of_a_name_is_told_apart(name: str, path: str) -> None:
    with pytest.raises(SpecError) as caught:
        ParameterReference(name)
    assert str(caught.value) == (
        f"{name!r} cannot be a parameter's name, as it ends with '/': write {path!r} for one parameter; for all below "
        f"it, write an entry of dataFrom with find: path {path!r} and name '.*' (ESO: name.regexp)"
    )


@pytest.mark.parametrize("name", ["/app/*", "/app/.*", "*"])
def test_a_pattern_in_the_place_of_a_name_is_told_apart(name: str) -> None:
    with pytest.raises(SpecError, match=r"; for all that match, write an entry of dataFrom with find"):
        ParameterReference(name)


@pytest.mark.parametrize(
    ("text", "advice"), [(":", "write the name"), ("/", "write the name"), ("//", "write the name")]
)
def test_advice_never_says_to_write_nothing(text: str, advice: str) -> None:
    with pytest.raises(SpecError) as raised:
        ParameterReference.parse(text)
    assert advice in str(raised.value)
    assert "''" not in str(raised.value)
