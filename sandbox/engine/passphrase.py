"""Encryption of secrets with a passphrase, in the Pulumi CLI's own format, so that files can be exchanged with it.

PBKDF2-SHA256 with 1,000,000 iterations derives an AES-256-GCM key; a value is `v1:<nonce>:<ciphertext>` and the salt is
kept as `v1:<salt>:<encrypted "pulumi">`, which also proves that the passphrase is the right one.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sandbox.engine.errors import UsageError

_ITERATIONS = 1_000_000
_SALT_BYTES = 8
_NONCE_BYTES = 12
_PROOF = "pulumi"


@lru_cache(maxsize=16)
def _key(passphrase: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ITERATIONS)


def passphrase_from(environment: Mapping[str, str]) -> str:
    """Find the passphrase where the CLI looks for it.

    Raises:
        UsageError: Neither variable is set, or the file cannot be read.
    """
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    file = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE", "")
    if not file:
        raise UsageError(
            "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE "
            "environment variables"
        )
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(f"unable to read the passphrase file {file}: {error.strerror}") from None


class Crypter:
    """Encrypts and decrypts values of one stack; derives its key (half a second) only when first needed."""

    def __init__(self, environment: Mapping[str, str], salt: str = "") -> None:
        self._environment = environment
        self._salt = salt
        self._cipher: AESGCM | None = None

    @property
    def salt(self) -> str:
        """The salt as written to files; empty while nothing has been encrypted."""
        return self._salt

    def encrypt(self, plaintext: str) -> str:
        """Return `v1:<nonce>:<ciphertext>`."""
        return _seal(self._ready(), plaintext)

    def decrypt(self, text: str) -> str:
        """Return the plaintext.

        Raises:
            UsageError: The passphrase is missing or wrong, or the value is damaged.
        """
        return _open(self._ready(), text)

    def _ready(self) -> AESGCM:
        if self._cipher is None:
            passphrase = passphrase_from(self._environment)
            if self._salt:
                salt, _, proof = self._salt.removeprefix("v1:").partition(":")
                cipher = AESGCM(_key(passphrase, base64.b64decode(salt)))
                _check(cipher, proof)
            else:
                fresh = os.urandom(_SALT_BYTES)
                cipher = AESGCM(_key(passphrase, fresh))
                self._salt = f"v1:{base64.b64encode(fresh).decode()}:{_seal(cipher, _PROOF)}"
            self._cipher = cipher
        return self._cipher


def _check(cipher: AESGCM, proof: str) -> None:
    try:
        matches = _open(cipher, proof) == _PROOF
    except UsageError:
        matches = False
    if not matches:
        raise UsageError("incorrect passphrase")


def _seal(cipher: AESGCM, plaintext: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = cipher.encrypt(nonce, plaintext.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


def _open(cipher: AESGCM, text: str) -> str:
    version, _, rest = text.partition(":")
    nonce, _, sealed = rest.partition(":")
    if version != "v1" or not sealed:
        raise UsageError("an encrypted value is damaged: expected v1:<nonce>:<ciphertext>")
    try:
        return cipher.decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None).decode()
    except (InvalidTag, ValueError):
        raise UsageError("an encrypted value cannot be decrypted with this passphrase") from None
