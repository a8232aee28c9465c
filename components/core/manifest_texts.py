"""Parses the text of manifests as Kubernetes' own tools do, but refuses a field that is written twice."""

from collections.abc import Hashable
from typing import Any

import yaml

from .errors import SpecError


def parse_manifests(text: str, where: str) -> list[tuple[str, Any]]:
    """The documents of a text (YAML, or JSON, which is YAML too), each with its place; empty ones are left out.

    Args:
        text: the text.
        where: what places begin with, such as a file's name.

    Raises:
        SpecError: the text is not YAML; the error names the line, and shows nothing of the text.
    """
    try:
        documents = list(yaml.load_all(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise SpecError(f"{where}{line}: it is not YAML that can be read: {error.problem}") from None
    except yaml.YAMLError as error:
        raise SpecError(f"{where}: it is not YAML that can be read ({type(error).__name__})") from None
    found = [(number, each) for number, each in enumerate(documents, 1) if each is not None]
    return [(where if len(found) == 1 else f"{where}, document {number}", each) for number, each in found]


class _Loader(yaml.SafeLoader):
    """Leaves dates the texts that they are, and refuses a field that is written twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    problem = f"the field {key.value!r} is written twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
