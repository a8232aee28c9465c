"""Property values as the state file keeps them: JSON, with secrets encrypted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sandbox.engine.values import (
    REFERENCE_SIGNATURE,
    SECRET_SIGNATURE,
    SIGNATURE,
    UNKNOWN_ID,
    ResourceReference,
    Secret,
    Unknown,
    from_signed,
)


def to_json(value: Any, encrypt: Callable[[str], str]) -> Any:
    """Write a value for the state file; `encrypt` turns a plaintext into its ciphertext."""
    if isinstance(value, Secret):
        if not value.ciphertext:
            value.ciphertext = encrypt(json.dumps(to_json(value.value, encrypt), separators=(",", ":")))
        return {SIGNATURE: SECRET_SIGNATURE, "ciphertext": value.ciphertext}
    if isinstance(value, dict):
        return {key: to_json(value[key], encrypt) for key in sorted(value)}
    if isinstance(value, list):
        return [to_json(item, encrypt) for item in value]
    if isinstance(value, Unknown):
        return UNKNOWN_ID
    if isinstance(value, ResourceReference):
        reference = {SIGNATURE: REFERENCE_SIGNATURE, "urn": value.urn, "id": to_json(value.id, encrypt)}
        return {**reference, "packageVersion": value.version}
    return value


def from_json(value: Any, decrypt: Callable[[str], str]) -> Any:
    """Read a value from the state file."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET_SIGNATURE:
            if "ciphertext" in value:
                plain = json.loads(decrypt(value["ciphertext"]))
                return Secret(from_json(plain, decrypt), value["ciphertext"])
            return Secret(from_json(json.loads(value["plaintext"]), decrypt))
        return from_signed({key: from_json(item, decrypt) for key, item in value.items()})
    if isinstance(value, list):
        return [from_json(item, decrypt) for item in value]
    return value
