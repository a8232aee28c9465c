"""Joins the project's typed `config:` block, the stack file and the command line into the program's configuration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.engine.errors import ProjectError
from sandbox.engine.passphrase import Crypter
from sandbox.engine.project import Project
from sandbox.engine.yaml_files import load_yaml


@dataclass(frozen=True)
class ConfigValue:
    """One value as the program gets it: text (JSON for lists and maps), and whether it is secret."""

    text: str
    secret: bool = False

    def __repr__(self) -> str:
        return "ConfigValue([secret])" if self.secret else f"ConfigValue({self.text!r})"


Configuration = Mapping[str, ConfigValue]


def stack_salt(project: Project, stack: str) -> str:
    """Return the stack file's `encryptionsalt`, or nothing."""
    file = project.stack_file(stack)
    return str(load_yaml(file).get("encryptionsalt") or "") if file.exists() else ""


def load_configuration(
    project: Project, stack: str, overrides: Iterable[str], crypter: Crypter
) -> dict[str, ConfigValue]:
    """Build the stack's configuration.

    Args:
        project: The project.
        stack: The stack's name.
        overrides: `key=value` pairs of the command line; they win over the stack file.
        crypter: Decrypts the `secure:` values of the stack file.

    Raises:
        ProjectError: A value is missing, has the wrong type, or a pair is not `key=value`.
    """
    file = project.stack_file(stack)
    stack_values = (load_yaml(file).get("config") or {}) if file.exists() else {}
    if not isinstance(stack_values, dict):
        raise ProjectError(f"{file}: expected a map of keys and values in 'config'")
    values = {_full_key(project, str(key)): _stack_value(value, crypter) for key, value in stack_values.items()}
    for pair in overrides:
        key, separator, text = pair.partition("=")
        if not separator:
            raise ProjectError(f"--config expects key=value, got {key!r}")
        values[_full_key(project, key)] = ConfigValue(text)
    _apply_declarations(project, stack, values)
    return values


def _full_key(project: Project, key: str) -> str:
    return key if ":" in key else f"{project.name}:{key}"


def _stack_value(value: Any, crypter: Crypter) -> ConfigValue:
    if _is_secure(value):
        return ConfigValue(crypter.decrypt(value["secure"]), secret=True)
    plain, secret = _decrypt_inside(value, crypter)
    return ConfigValue(_text(plain), secret)


def _is_secure(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"secure"} and isinstance(value["secure"], str)


def _decrypt_inside(value: Any, crypter: Crypter) -> tuple[Any, bool]:
    if _is_secure(value):
        return crypter.decrypt(value["secure"]), True
    if isinstance(value, dict):
        items = {str(key): _decrypt_inside(item, crypter) for key, item in value.items()}
        return {key: plain for key, (plain, _) in items.items()}, any(secret for _, secret in items.values())
    if isinstance(value, list):
        pairs = [_decrypt_inside(item, crypter) for item in value]
        return [plain for plain, _ in pairs], any(secret for _, secret in pairs)
    return value, False


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _apply_declarations(project: Project, stack: str, values: dict[str, ConfigValue]) -> None:
    missing = []
    for key, declared in project.config.items():
        full = _full_key(project, str(key))
        declaration = declared if isinstance(declared, dict) else {"value": declared}
        if full in values:
            _check_declared(stack, str(key), declaration, values)
        elif "value" in declaration or "default" in declaration:
            default = declaration["value"] if "value" in declaration else declaration["default"]
            values[full] = ConfigValue(_text(default), bool(declaration.get("secret")))
        elif "type" in declaration:
            missing.append(str(key))
        if full in values and "type" in declaration:
            _check_type(stack, str(key), declaration, values[full].text)
    if missing:
        names = ", ".join(f"'{name}'" for name in missing)
        plural = "s" if len(missing) > 1 else ""
        raise ProjectError(
            f"Stack '{stack}' is missing configuration value{plural} {names}; set it in {project.stack_file(stack)} "
            "or with --config key=value"
        )


def _check_declared(stack: str, key: str, declaration: Mapping[str, Any], values: Mapping[str, ConfigValue]) -> None:
    value = next(value for full, value in values.items() if full in (key, full) and full.endswith(key))
    if declaration.get("secret") and not value.secret:
        raise ProjectError(f"Stack '{stack}' with configuration key '{key}' must be encrypted as it's secret")


def _check_type(stack: str, key: str, declaration: Mapping[str, Any], text: str) -> None:
    if not _conforms(declaration, text, top=True):
        items = declaration.get("items") or {}
        name = f"array<{items.get('type')}>" if declaration["type"] == "array" else declaration["type"]
        raise ProjectError(f"Stack '{stack}' with configuration key '{key}' must be of type '{name}'")


def _conforms(declaration: Mapping[str, Any], value: Any, *, top: bool = False) -> bool:
    expected = declaration.get("type", "string")
    if expected == "string":
        return isinstance(value, str)
    if top or isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return False
    if expected == "boolean":
        return isinstance(value, bool)
    if expected == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if expected == "array":
        items = declaration.get("items") or {}
        return isinstance(value, list) and all(_conforms(items, item) for item in value)
    return isinstance(value, dict)
