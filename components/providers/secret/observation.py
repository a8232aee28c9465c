"""What `check` knows of a Secret when it plans: what is declared and recorded, and what AWS and the cluster say.

An observation grows answer by answer: a plan that needs to know more names a question, see plan.py and observe.py.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ...core.secret.target_templates import check_templates
from ...core.secret.template_texts import TemplateTexts
from ...core.spec.specs import Operation, SecretSpec
from ...errors import ParameterStoreError
from ..operation.results import changed_keys
from ..operation.template_reads import Texts
from .ownership import Standing
from .previous import IDENTITY, Previous
from .source_versions import Reading

if TYPE_CHECKING:
    from ...clients.kubernetes.metadata import SecretMetadata
    from ..operation.claims import Rival
    from ..operation.findings import Finding

DECLARED = (*IDENTITY, "cluster", "owner", "data", "dataFrom", "store", "stores", "target", "refresh")


class Question(Enum):
    """What a plan needs to know besides."""

    NAMESPACE = auto()
    """The labels of the Secret's namespace."""
    CLUSTER = auto()
    """What the cluster holds."""
    SOURCES = auto()
    """What AWS says of the sources, and the template texts in the cluster."""
    FIXED_FIELDS = auto()
    """What cannot be changed of the Secret that is there."""
    ACCESS = auto()
    """Whether the Secret's namespace can be written to."""


@dataclass(frozen=True)
class Declaration:
    """A Secret as it is declared, and as the last operation recorded it.

    Attributes:
        spec: what is declared.
        operation: what the running operation is.
        at: when it is checked.
        news: the inputs that `spec` was made of.
        olds: the inputs that the last operation left; empty where there was none.
    """

    spec: SecretSpec
    operation: Operation
    at: datetime
    news: Mapping[str, Any] = field(repr=False)
    olds: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def previous(self) -> Previous | None:
        """What the last update of this very Secret left."""
        return Previous.of(self.olds, self.news)

    @cached_property
    def changed(self) -> list[str]:
        """The declared properties that are not what they were."""
        return changed_keys(self.olds, self.news, DECLARED)

    @cached_property
    def problem(self) -> ParameterStoreError | None:
        """What is wrong with its templates, as far as the declaration alone tells."""
        try:
            self.check_templates()
        except ParameterStoreError as error:
            return error
        return None

    def owned_by(self, spec: SecretSpec) -> Declaration:
        """The same with the mark that its Secret gets from now on, which its inputs record."""
        return replace(self, spec=spec, news={**self.news, "owner": {**self.news["owner"], "entry": spec.owner.entry}})

    def check_templates(
        self, texts: TemplateTexts = MappingProxyType({}), missing: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Check its templates, see core's `check_templates`.

        Args:
            texts: the texts in the cluster, as far as they are known.
            missing: keys of which it is known that there is nothing to read.
        """
        spec = self.spec
        given = None if spec.data_from else spec.data.keys() - set(missing)
        confidential = self.operation.confidential_texts
        return check_templates(spec.target, given, texts, optional=spec.has_optional, confidential=confidential)


@dataclass(frozen=True)
class Location:
    """Which cluster a Secret is written to; without fields where none is written.

    Attributes:
        written_to: its context and server.
        cluster_id: what tells it from others behind the same URL; empty where that is not known.
        moved: whether it may be another cluster than before.
        gone: whether the Secret that was written is surely not in it. Where it looks like it, `is_elsewhere` decides,
            which knows its uid.
    """

    written_to: Mapping[str, str | None] = field(default_factory=dict)
    cluster_id: str = ""
    moved: bool = False
    gone: bool = False


@dataclass(frozen=True)
class ClusterAnswer:
    """What the cluster holds, and what is known of the Secret in this operation.

    Attributes:
        live: the Secret, if it is there and one is to be written.
        standing: what the state says of it.
        location: which cluster it is.
        rival: another ExternalSecret of the program that is in the way.
        accounts: store's name in entries, empty for the ExternalSecret's own -> its AWS account, as far as it is known
            before anything is read.
    """

    live: SecretMetadata | None
    standing: Standing
    location: Location = field(default_factory=Location)
    rival: Rival | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SourcesAnswer:
    """What the sources are.

    Attributes:
        reading: versions and names.
        texts: template texts in the cluster.
        findings: store's name in entries -> source -> what its value cannot give, as the last `up` found.
    """

    reading: Reading
    texts: Texts = field(default_factory=Texts, repr=False)
    findings: Mapping[str | None, Mapping[str, Finding]] = field(default_factory=dict)


@dataclass(frozen=True)
class FixedFields:
    """What cannot be changed of a Secret: immutable data, and its type, where it says one."""

    immutable: bool = False
    type: str | None = None


@dataclass(frozen=True)
class Observation:
    """A declaration and the answers to the questions that were asked so far; None where one was not asked.

    Attributes:
        declaration: what is declared and recorded.
        labels: of the Secret's namespace.
        cluster: what the cluster holds.
        sources: what the sources are.
        fixed: what cannot be changed of the Secret that is there.
        writable: whether the namespace was seen to let us write.
        problem: why the last question has no answer.
    """

    declaration: Declaration
    labels: Mapping[str, str] | None = None
    cluster: ClusterAnswer | None = None
    sources: SourcesAnswer | None = None
    fixed: FixedFields | None = None
    writable: bool = False
    problem: ParameterStoreError | None = None
