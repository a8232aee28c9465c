"""What lists hold, how they are paged, and whom tags are told of.

Facts: GetParametersByPath, DescribeParameters, ParameterStringFilter, AddTagsToResource and ListTagsForResource in the
Systems Manager API reference; what these calls are authorised against: the service authorization reference.
"""

from typing import Any

import pytest

from sandbox.aws import AwsApi
from tests.sandbox.aws.support import code_of
from tests.support.roles import allow, create_role, keys_of

BASE = "arn:aws:ssm:eu-central-1:123456789012:parameter"
PUBLIC = "/aws/service/global-infrastructure/regions/eu-central-1"


def put(aws: AwsApi, *names: str, **tags: str) -> None:
    given = [{"Key": key, "Value": value} for key, value in tags.items()]
    for name in names:
        aws.client("ssm").put_parameter(Name=name, Value="v", Type="SecureString", Tags=given)
    aws.clear_calls()


def described(aws: AwsApi, *filters: tuple[str, str, list[str]]) -> set[str]:
    wanted = [
        {"Key": key, "Option": option, **({"Values": values} if values else {})} for key, option, values in filters
    ]
    return {each["Name"] for each in aws.client("ssm").describe_parameters(ParameterFilters=wanted)["Parameters"]}


def pages(ask: Any, **asked: Any) -> list[list[str]]:
    """The names on each page, as long as there is a token."""
    found: list[list[str]] = []
    token: dict[str, str] = {}
    while True:
        answer = ask(**asked, **token)
        found.append([each["Name"] for each in answer["Parameters"]])
        if "NextToken" not in answer:
            return found
        token = {"NextToken": answer["NextToken"]}


@pytest.mark.parametrize(("number", "sizes"), [(0, [0]), (9, [9]), (10, [10]), (25, [10, 10, 5])])
def test_a_path_has_pages_of_ten(aws: AwsApi, number: int, sizes: list[int]) -> None:
    names = [f"/app/{each}" for each in range(number)]
    put(aws, *names)

    found = pages(aws.client("ssm").get_parameters_by_path, Path="/app", Recursive=True)

    assert [len(page) for page in found] == sizes
    assert sorted(name for page in found for name in page) == sorted(names)


@pytest.mark.parametrize("path", ["/app", "/app/"])
def test_a_path_is_what_is_below_it(aws: AwsApi, path: str) -> None:
    put(aws, "/app", "/app/a", "/app/b/c", "/apple/d", "e")
    ssm = aws.client("ssm")

    assert pages(ssm.get_parameters_by_path, Path=path, Recursive=True) == [["/app/a", "/app/b/c"]]
    assert pages(ssm.get_parameters_by_path, Path=path) == [["/app/a"]]


def test_the_root_holds_every_parameter_of_the_account_and_no_public_one(aws: AwsApi) -> None:
    put(aws, "/app/a", "b", "/c")
    ssm = aws.client("ssm")
    assert ssm.get_parameters(Names=[PUBLIC])["Parameters"], "moto has loaded the public ones"

    assert pages(ssm.get_parameters_by_path, Path="/", Recursive=True) == [["/app/a", "b", "/c"]]
    assert described(aws) == {"/app/a", "b", "/c"}


@pytest.mark.parametrize(("operation", "most"), [("get_parameters_by_path", 10), ("describe_parameters", 50)])
def test_pages_and_tokens_are_checked(aws: AwsApi, operation: str, most: int) -> None:
    asked = {"Path": "/app"} if "path" in operation else {}
    ask = getattr(aws.client("ssm"), operation)

    ask(**asked, MaxResults=most)
    assert code_of(lambda: ask(**asked, MaxResults=most + 1)) == "ValidationException"
    assert code_of(lambda: ask(**asked, NextToken="none of AWS's")) == "InvalidNextToken"


def test_describe_has_pages_of_fifty(aws: AwsApi) -> None:
    put(aws, *(f"/app/{each}" for each in range(60)))
    ssm = aws.client("ssm")

    assert [len(page) for page in pages(ssm.describe_parameters)] == [50, 10]
    assert [len(page) for page in pages(ssm.describe_parameters, MaxResults=40)] == [40, 20]


def test_describe_filters_by_path(aws: AwsApi) -> None:
    put(aws, "/app", "/app/a", "/app/b/c", "/apple/d", "e")

    assert described(aws, ("Path", "Recursive", ["/app"])) == {"/app/a", "/app/b/c"}
    assert described(aws, ("Path", "OneLevel", ["/app"])) == {"/app/a"}
    assert described(aws, ("Name", "Equals", ["/app/a"])) == {"/app/a"}
    assert described(aws, ("Name", "BeginsWith", ["/app"])) == {"/app", "/app/a", "/app/b/c", "/apple/d"}


def test_describe_filters_by_tags_that_must_all_match(aws: AwsApi) -> None:
    put(aws, "/app/a", team="a", stage="dev")
    put(aws, "/app/b", team="a", stage="prod")
    put(aws, "/other/c", team="a", stage="prod")
    put(aws, "/app/d", team="b")
    put(aws, "/app/e")

    assert described(aws, ("tag:team", "Equals", ["a"])) == {"/app/a", "/app/b", "/other/c"}
    assert described(aws, ("tag:team", "Equals", ["a"]), ("tag:stage", "Equals", ["prod"])) == {"/app/b", "/other/c"}
    assert described(aws, ("tag:team", "Equals", ["a"]), ("Path", "Recursive", ["/app"])) == {"/app/a", "/app/b"}
    assert described(aws, ("tag:team", "Equals", []), ("Name", "Contains", ["d"])) == {"/app/d"}, "any value"
    assert described(aws, ("tag:team", "Equals", ["A"])) == set()


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"Key": "Label", "Values": ["prod"]}, "InvalidFilterKey"),
        ({"Key": "Path", "Option": "Equals", "Values": ["/app"]}, "InvalidFilterOption"),
        ({"Key": "Path", "Option": "Recursive", "Values": ["app"]}, "ValidationException"),
    ],
)
def test_describe_refuses_filters(aws: AwsApi, wanted: dict[str, Any], code: str) -> None:
    assert code_of(lambda: aws.client("ssm").describe_parameters(ParameterFilters=[wanted])) == code


def test_describe_tells_version_and_key_and_no_value(aws: AwsApi) -> None:
    aws.put_parameter("/app/a", "one")
    aws.put_parameter("/app/a", "two")

    (found,) = aws.client("ssm").describe_parameters()["Parameters"]

    told = {key: found[key] for key in ("Name", "ARN", "Type", "KeyId", "Version", "Tier", "DataType")}
    assert told == {
        "Name": "/app/a",
        "ARN": f"{BASE}/app/a",
        "Type": "SecureString",
        "KeyId": "alias/aws/ssm",
        "Version": 2,
        "Tier": "Standard",
        "DataType": "text",
    }
    assert "Value" not in found


def test_tags_are_told_by_name(aws: AwsApi) -> None:
    put(aws, "/app/a", team="a", stage="dev")
    put(aws, "b")
    ssm = aws.client("ssm")

    def tags(name: str) -> dict[str, str]:
        listed = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
        return {tag["Key"]: tag["Value"] for tag in listed}

    assert tags("/app/a") == {"team": "a", "stage": "dev"}
    assert tags("/b") == tags("b") == {}


@pytest.mark.parametrize("resource", ["/none", "/app/a:1", "/app/a:prod", f"{BASE}/app/a"])
def test_tags_belong_to_an_existing_parameter_by_its_name(aws: AwsApi, resource: str) -> None:
    put(aws, "/app/a")
    ssm = aws.client("ssm")
    assert (
        code_of(lambda: ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=resource))
        == "InvalidResourceId"
    )


def test_lists_and_tags_are_logged_by_what_they_are_about(aws: AwsApi) -> None:
    put(aws, "/app/a")
    ssm = aws.client("ssm")
    filters = [{"Key": "tag:team", "Values": ["a"]}, {"Key": "Path", "Option": "Recursive", "Values": ["/app"]}]
    ssm.get_parameters_by_path(Path="/app/")
    ssm.describe_parameters(ParameterFilters=filters)
    ssm.describe_parameters()
    ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/app/a")

    assert [(call.operation, call.names, call.path) for call in aws.calls] == [
        ("GetParametersByPath", (), "/app/"),
        ("DescribeParameters", (), "/app"),
        ("DescribeParameters", (), None),
        ("ListTagsForResource", ("/app/a",), None),
    ]


def reader(aws: AwsApi, *statements: dict[str, Any]) -> Any:
    arn = create_role(aws, "reader")
    allow(aws, "reader", *statements)
    return aws.client("ssm", **keys_of(aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="run")))


@pytest.mark.parametrize(("resource", "allowed"), [("*", True), (f"{BASE}/*", False), (f"{BASE}/app", False)])
def test_describing_is_allowed_on_everything_or_not_at_all(aws: AwsApi, resource: str, *, allowed: bool) -> None:
    ssm = reader(aws, {"Effect": "Allow", "Action": "ssm:DescribeParameters", "Resource": resource})
    filters = [{"Key": "Path", "Option": "Recursive", "Values": ["/app"]}]
    if allowed:
        ssm.describe_parameters(ParameterFilters=filters)
    else:
        assert code_of(lambda: ssm.describe_parameters(ParameterFilters=filters)) == "AccessDeniedException"


def test_tags_are_allowed_on_the_parameter(aws: AwsApi) -> None:
    put(aws, "/app/a", "/app/b")
    ssm = reader(aws, {"Effect": "Allow", "Action": "ssm:ListTagsForResource", "Resource": f"{BASE}/app/a"})
    ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/app/a")
    denied = code_of(lambda: ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/app/b"))
    assert denied == "AccessDeniedException"


def test_a_page_needs_the_keys_of_its_own_values_and_no_others(aws: AwsApi) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    for number in range(20):
        aws.put_parameter(f"/app/{number:02}", "v", **({"KeyId": key} if number == 15 else {}))
    ssm = reader(aws, {"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": f"{BASE}/app"})
    asked = {"Path": "/app", "WithDecryption": True}
    second = {"NextToken": ssm.get_parameters_by_path(**asked)["NextToken"]}

    assert code_of(lambda: ssm.get_parameters_by_path(**asked, **second)) == "AccessDeniedException"
    assert len(ssm.get_parameters_by_path(**asked, **second, MaxResults=5)["Parameters"]) == 5
    assert len(ssm.get_parameters_by_path(Path="/app", **second)["Parameters"]) == 10, "ciphertext needs no key"
