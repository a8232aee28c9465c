"""The arguments that say where keys come from, or go to; their fields are in core/spec/entries.py and push_specs.py."""

from typing import Annotated

from ..core.spec import entries, push_specs, rewrite_specs
from ..core.spec.argument_types import Expected, Instead, OneLine
from .annotations import Input
from .construction import checks_arguments
from .store import Store

ITSELF = Instead((str,), "pass the SecretStore itself, not its name")
AnyStore = Annotated[Store, Expected("a SecretStore or ClusterSecretStore"), ITSELF]


@checks_arguments()
class RegexpRewrite(rewrite_specs.RegexpRewrite):
    """Replaces what a regular expression matches in each key (ESO: `rewrite[].regexp`)."""


@checks_arguments()
class TransformRewrite(rewrite_specs.TransformRewrite):
    """Makes each key by a template (ESO: `rewrite[].transform`)."""


@checks_arguments()
class MergeRewrite(rewrite_specs.MergeRewrite):
    """Merges the JSON objects that were found (ESO: `rewrite[].merge`)."""


@checks_arguments()
class RemoteRef(entries.RemoteRef[Input[str], Input[OneLine | int], AnyStore]):
    """Where the value of one secret key comes from (ESO: `data[].remoteRef`)."""


@checks_arguments()
class Extract(entries.Extract[Input[str], Input[OneLine | int], AnyStore]):
    """All members of a parameter's JSON object, each a key of the Secret (ESO: `dataFrom[].extract`)."""


@checks_arguments()
class Find(entries.Find[AnyStore]):
    """All parameters that match, each a key of the Secret (ESO: `dataFrom[].find`)."""


@checks_arguments(instead={"kms_key": "kms_key_id=", "type": "secret_type="})
class PushMetadata(push_specs.PushMetadata[Input[str]]):
    """What a pushed parameter is like (ESO: PushSecretMetadata)."""


@checks_arguments(instead={"regexp": "match=", "store_ref": "store="})
class PushDataTo(push_specs.PushDataTo[Input[str], AnyStore]):
    """All keys of the Secret that match, each to a parameter, or all to one (ESO: `dataTo[]`)."""


@checks_arguments(instead={"key": "secret_key=", "name": "remote_key="})
class PushData(push_specs.PushData[Input[str]]):
    """One key of the Secret, or all of it, and the parameter that it is written to (ESO: `data[]`)."""
