"""The resource type of a Parameter Store parameter."""

from .resource_type import AutoName, Plain, ResourceType, Update, given, retag, tag_list, tag_outputs
from .session import Clients

_WRITTEN = frozenset({"type", "value", "insecureValue", "description", "keyId", "tier", "allowedPattern", "dataType"})


def _check(inputs: Plain) -> list[tuple[str, str]]:
    values = [key for key in ("value", "insecureValue") if key in inputs]
    if len(values) != 1:
        # An empty property: the CLI would print the value of the one that is named.
        return [("", "exactly one of 'value' and 'insecureValue' must be given")]
    if inputs.get("type") == "SecureString" and "insecureValue" in inputs:
        return [("type", "'insecureValue' cannot be used with type SecureString")]
    return []


def _put(clients: Clients, inputs: Plain, *, overwrite: bool, tags: list[dict[str, str]] | None = None) -> None:
    request = given(
        Name=inputs["name"],
        Type=inputs["type"],
        Value=inputs.get("value", inputs.get("insecureValue")),
        Description=inputs.get("description"),
        KeyId=inputs.get("keyId"),
        Tier=inputs.get("tier"),
        AllowedPattern=inputs.get("allowedPattern"),
        DataType=inputs.get("dataType"),
        Tags=tags,
    )
    clients("ssm").put_parameter(**request, Overwrite=overwrite)


def _create(clients: Clients, inputs: Plain) -> str:
    name: str = inputs["name"]
    overwrite, tags = bool(inputs.get("overwrite")), tag_list(inputs.get("tags"))
    # Tags and Overwrite exclude each other in one request.
    _put(clients, inputs, overwrite=overwrite, tags=None if overwrite else tags)
    if overwrite and tags:
        clients("ssm").add_tags_to_resource(ResourceType="Parameter", ResourceId=name, Tags=tags)
    return name


def _read(clients: Clients, name: str, inputs: Plain) -> Plain:
    ssm = clients("ssm")
    parameter = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    wanted = [{"Key": "Name", "Option": "Equals", "Values": [parameter["Name"]]}]
    described = ssm.describe_parameters(ParameterFilters=wanted)["Parameters"]
    details = described[0] if described else {}
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    secure = parameter["Type"] == "SecureString"
    # Only what the program itself gave openly is shown openly.
    value_key = "insecureValue" if "insecureValue" in inputs and not secure else "value"
    return given(
        name=parameter["Name"],
        arn=parameter["ARN"],
        type=parameter["Type"],
        version=parameter["Version"],
        dataType=parameter["DataType"],
        description=details.get("Description") or None,
        keyId=details.get("KeyId") if secure else None,
        tier=details.get("Tier", "Standard"),
        allowedPattern=details.get("AllowedPattern") or None,
    ) | {value_key: parameter["Value"], "hasValueWo": False, **tag_outputs(tags)}


def _update(clients: Clients, update: Update) -> None:
    ssm = clients("ssm")
    if update.changed & _WRITTEN:
        _put(clients, update.new, overwrite=True)
    where = {"ResourceType": "Parameter", "ResourceId": update.id}
    retag(
        update,
        lambda tags: ssm.add_tags_to_resource(**where, Tags=tags),
        lambda keys: ssm.remove_tags_from_resource(**where, TagKeys=keys),
    )


def _delete(clients: Clients, name: str, _inputs: Plain) -> None:
    clients("ssm").delete_parameter(Name=name)


PARAMETER = ResourceType(
    label="SSM parameter",
    inputs=_WRITTEN | {"name", "overwrite", "tags"},
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    required=("type",),
    replaces=frozenset({"name"}),
    computed=("arn", "version", "hasValueWo", "tagsAll", "dataType", "keyId", "tier"),
    volatile={"version": _WRITTEN, "keyId": frozenset({"type"})},
    write_only=frozenset({"overwrite"}),
    secrets=frozenset({"value"}),
    auto_name=AutoName(limit=900),
    check=_check,
)
