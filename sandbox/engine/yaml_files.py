"""Reads the YAML files of a project, and refuses in one line what Pulumi's own reader (Go's yaml.v3) refuses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.errors import ProjectError

_NAMED = re.compile(r"\b(alias|anchor|handle|tag) '.*", re.DOTALL)
"""Where PyYAML quotes words of the file; they may be a value that lacks its quotes, which no error shows."""


def load_yaml(file: Path) -> dict[str, Any]:
    """Read a YAML file that must hold a map.

    Raises:
        ProjectError: It cannot be read, is not valid YAML, has a key twice in one map, or is something else. The text
            names the file and, where there is one, the line.
    """
    try:
        text = file.read_bytes().decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            _refuse_repeated(node, file)
        data = yaml.safe_load(text)
    except OSError as error:
        raise ProjectError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProjectError(f"{file}: not valid YAML: it is not in UTF-8; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise ProjectError(f"{file}: not valid YAML{_place_and_reason(error)}") from None
    except RecursionError:
        raise ProjectError(f"{file}: not valid YAML: it is nested too deeply") from None
    except ValueError:
        raise ProjectError(
            f"{file}: not valid YAML: something looks like a date or a number and is none; put it in quotes"
        ) from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ProjectError(f"{file}: expected a map at the top")
    return data


def _refuse_repeated(node: yaml.Node, file: Path) -> None:
    """Refuse a key that stands twice in one map: the last one would win in silence."""
    waiting, seen = [node], set()
    while waiting:
        at = waiting.pop()
        if id(at) in seen:  # an alias
            continue
        seen.add(id(at))
        if isinstance(at, yaml.SequenceNode):
            waiting.extend(at.value)
        if not isinstance(at, yaml.MappingNode):
            continue
        first: dict[str, int] = {}
        for key, value in at.value:
            waiting += [key, value]
            if not isinstance(key, yaml.ScalarNode):
                continue
            name, line = key.value, key.start_mark.line + 1
            if name in first:
                raise ProjectError(
                    f"{file} (line {line}): the key {name[:100]!r} stands twice, first in line {first[name]}; remove "
                    "one of the two"
                )
            first[name] = line


def _place_and_reason(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        reason = error.problem or error.context or ""
    else:
        place, reason = "", getattr(error, "reason", "")
    reason = _NAMED.sub(r"\1", reason)
    return f"{place}: {reason}" if reason else place
