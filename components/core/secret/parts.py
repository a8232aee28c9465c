"""What is wanted of a parameter's value, and whether a value can give it: told without the value, to be stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ...errors import ExtractError
from ..secret_value import Secret
from ..spec.choices import DecodingStrategy
from ..spec.entries import Find, Origin, RemoteRef
from .extraction import Extraction, Got


@dataclass(frozen=True)
class Part:
    """What is wanted of one parameter's value.

    Attributes:
        members: all members of its JSON object (ESO: `extract`), and not one value.
        property_path: gjson path into its JSON; None for all of it.
        decoding: how one value is encoded.
    """

    members: bool = False
    property_path: str | None = None
    decoding: DecodingStrategy = "None"

    @classmethod
    def of(cls, origin: Origin, *, members: bool) -> Self | None:
        """The part that an entry wants; None where any value will do, or none is read."""
        if isinstance(origin, Find) or origin.metadata_policy == "Fetch":
            return None
        decoding = origin.decoding_strategy
        part = cls(members, origin.property, "None" if members or decoding == "Auto" else decoding)
        return None if part == cls() else part

    @classmethod
    def from_bag(cls, bag: Mapping[str, Any]) -> Self:
        """The part out of a property bag."""
        return cls(bool(bag.get("members")), bag.get("property") or None, bag.get("decodingStrategy") or "None")

    @property
    def label(self) -> str:
        """How the part is named in state and errors; two parts of one label want the same."""
        words = [
            "extract" if self.members else "",
            f"property {self.property_path}" if self.property_path else "",
            self.decoding if self.decoding != "None" else "",
        ]
        return ", ".join(filter(None, words))


def unusable_parts(value: Secret, parts: Iterable[Part]) -> dict[str, str]:
    """Label -> why, of the parts that a value cannot give. No text holds anything of the value."""
    extraction = Extraction(Got(values={(None, ""): value}))
    found: dict[str, str] = {}
    for part in parts:
        ref = RemoteRef[str, str, str]("", part.property_path, decoding_strategy=part.decoding)
        try:
            if part.members:
                extraction.found(ref)
            else:
                extraction.value_of(ref)
        except ExtractError as error:
            found[part.label] = str(error)
    return found
