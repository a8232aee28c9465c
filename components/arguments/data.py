"""The arguments of an ExternalSecret that say where its keys come from; their fields are in core/spec/entries.py."""

from typing import Annotated

from ..core.spec import entries
from ..core.spec.argument_types import Expected, OneLine
from .annotations import Input
from .construction import checks_arguments
from .store import Store

AnyStore = Annotated[Store, Expected("a SecretStore or ClusterSecretStore")]


@checks_arguments()
class RemoteRef(entries.RemoteRef[Input[str], Input[OneLine | int], AnyStore]):
    """Where the value of one secret key comes from (ESO: `data[].remoteRef`)."""


@checks_arguments()
class Extract(entries.Extract[Input[str], Input[OneLine | int], AnyStore]):
    """All members of a parameter's JSON object, each a key of the Secret (ESO: `dataFrom[].extract`)."""


@checks_arguments()
class Find(entries.Find[AnyStore]):
    """All parameters that match, each a key of the Secret (ESO: `dataFrom[].find`)."""
