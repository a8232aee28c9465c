"""Sprig's digests and passwords."""

import base64
import hashlib
import hmac
import struct
import zlib

from ...late_imports import BCRYPT, CRYPTOGRAPHY
from ..base64_text import decode_base64
from ..function import Family, HashAlgorithm, Uint32
from ..template_errors import FunctionError

CRYPTO = Family()

_SLOW = 40_000
"""Steps of a function that is slow on purpose."""
_LONGEST_PASSWORD = 72
_SEED = b"com.lyndir.masterpassword"
_LONG = (
    "CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv "
    "CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv "
    "CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno"
)
_SHAPES = {
    "maximum": "anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno",
    "long": _LONG,
    "medium": "CvcnoCvc CvcCvcno",
    "short": "Cvcn",
    "basic": "aaanaaan aannaaan aaannaaa",
    "pin": "nnnn",
}
_LETTERS = "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"
_CHARACTERS = {
    "V": "AEIOU",
    "C": "BCDFGHJKLMNPQRSTVWXYZ",
    "v": "aeiou",
    "c": "bcdfghjklmnpqrstvwxyz",
    "a": _LETTERS,
    "n": "0123456789",
    "o": "@&%?,=[]_:-+*$#!'^~;()/.",
    "x": f"{_LETTERS}0123456789!@#$%^&*()",
}
"""The Master Password scheme, which derivePassword follows."""


@CRYPTO.add("sha1sum")
def _sha1sum(text: bytes) -> bytes:
    return hashlib.sha1(text, usedforsecurity=False).hexdigest().encode()


@CRYPTO.add("sha256sum")
def _sha256sum(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()


@CRYPTO.add("sha512sum")
def _sha512sum(text: bytes) -> bytes:
    return hashlib.sha512(text).hexdigest().encode()


@CRYPTO.add("adler32sum")
def _adler32sum(text: bytes) -> bytes:
    return b"%d" % zlib.adler32(text)


@CRYPTO.add("bcrypt", varies=True, steps=_SLOW, imports=BCRYPT)
def _bcrypt(password: bytes) -> bytes:
    import bcrypt  # noqa: PLC0415 - a binary module, which most templates do without

    if len(password) > _LONGEST_PASSWORD:
        return b"failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes"
    return bcrypt.hashpw(password, bcrypt.gensalt(rounds=10, prefix=b"2a"))


@CRYPTO.add("htpasswd", varies=True, steps=_SLOW, imports=BCRYPT)
def _htpasswd(user: bytes, password: bytes, algorithm: HashAlgorithm) -> bytes:
    if b":" in user:
        return b"invalid username: " + user
    if algorithm == b"sha":
        return user + b":{SHA}" + base64.b64encode(hashlib.sha1(password, usedforsecurity=False).digest())
    return user + b":" + _bcrypt(password)


@CRYPTO.add("derivePassword", steps=3 * _SLOW)  # scrypt, which takes three times as long as bcrypt
def _derive_password(counter: Uint32, kind: bytes, password: bytes, user: bytes, site: bytes) -> bytes:
    shapes = _SHAPES.get(kind.decode("utf-8", "replace"), "").split()
    if not shapes:
        return b"cannot find password template " + kind
    salt = _SEED + struct.pack(">I", len(user)) + user
    key = hashlib.scrypt(password, salt=salt, n=32768, r=8, p=2, dklen=64, maxmem=64 * 1024 * 1024)
    message = _SEED + struct.pack(">I", len(site)) + site + struct.pack(">I", counter % (1 << 32))
    seed = hmac.digest(key, message, "sha256")
    shape = shapes[seed[0] % len(shapes)]
    return "".join(
        _CHARACTERS[letter][byte % len(_CHARACTERS[letter])] for letter, byte in zip(shape, seed[1:], strict=False)
    ).encode()


@CRYPTO.add("encryptAES", varies=True, imports=CRYPTOGRAPHY)
def _encrypt_aes(password: bytes, text: bytes) -> bytes:
    import secrets  # noqa: PLC0415 - only this function needs it

    if not text:
        return b""
    start = secrets.token_bytes(16)
    padding = 16 - len(text) % 16
    return base64.b64encode(start + _aes(password, start, text + bytes([padding]) * padding, encrypts=True))


@CRYPTO.add("decryptAES", imports=CRYPTOGRAPHY)
def _decrypt_aes(password: bytes, text: bytes) -> bytes:
    if not text:
        return b""
    encrypted = decode_base64(text)
    if len(encrypted) < 32 or len(encrypted) % 16:  # noqa: PLR2004 - a block before the text, and whole blocks
        raise FunctionError("the string is not what encryptAES makes")
    decrypted = _aes(password, encrypted[:16], encrypted[16:], encrypts=False)
    if decrypted[-1] > len(decrypted):
        raise FunctionError("the string cannot be decrypted with this password")
    return decrypted[: len(decrypted) - decrypted[-1]]


def _aes(password: bytes, start: bytes, text: bytes, *, encrypts: bool) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415 - it is dear to import

    cipher = Cipher(algorithms.AES(password[:32].ljust(32, b"\0")), modes.CBC(start))
    worker = cipher.encryptor() if encrypts else cipher.decryptor()
    return worker.update(text) + worker.finalize()
