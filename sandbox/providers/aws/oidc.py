"""The resource type of IAM's OIDC providers, which trust a cluster's ServiceAccount tokens."""

from sandbox.providers.changes import same_url

from .resource_type import Plain, ResourceType, Update, given, retag, tag_list, tag_outputs
from .session import Clients


def _create(clients: Clients, new: Plain) -> str:
    request = given(
        Url=new["url"],
        ClientIDList=new["clientIdLists"],
        ThumbprintList=new.get("thumbprintLists"),
        Tags=tag_list(new.get("tags")),
    )
    return str(clients("iam").create_open_id_connect_provider(**request)["OpenIDConnectProviderArn"])


def _read(clients: Clients, arn: str, _inputs: Plain) -> Plain:
    found = clients("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    return {
        "arn": arn,
        "url": found["Url"],
        "clientIdLists": found["ClientIDList"],
        "thumbprintLists": found.get("ThumbprintList", []),
        **tag_outputs(found.get("Tags", [])),
    }


def _update(clients: Clients, update: Update) -> None:
    iam, arn = clients("iam"), {"OpenIDConnectProviderArn": update.id}
    if "thumbprintLists" in update.changed:
        iam.update_open_id_connect_provider_thumbprint(**arn, ThumbprintList=update.new.get("thumbprintLists", []))
    old, new = update.old["clientIdLists"], update.new["clientIdLists"]
    for client_id in sorted(set(new) - set(old)):
        iam.add_client_id_to_open_id_connect_provider(**arn, ClientID=client_id)
    for client_id in sorted(set(old) - set(new)):
        iam.remove_client_id_from_open_id_connect_provider(**arn, ClientID=client_id)
    retag(
        update,
        lambda tags: iam.tag_open_id_connect_provider(**arn, Tags=tags),
        lambda keys: iam.untag_open_id_connect_provider(**arn, TagKeys=keys),
    )


def _delete(clients: Clients, arn: str, _inputs: Plain) -> None:
    clients("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


PROVIDER = ResourceType(
    label="IAM OIDC provider",
    inputs=frozenset({"url", "clientIdLists", "thumbprintLists", "tags"}),
    create=_create,
    read=_read,
    update=_update,
    delete=_delete,
    required=("url", "clientIdLists"),
    replaces=frozenset({"url"}),
    computed=("arn", "thumbprintLists", "tagsAll"),
    same={"url": same_url},
)
