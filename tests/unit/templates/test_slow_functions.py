"""What a function costs beyond the length of its arguments is counted, or refused, before it is computed."""

import datetime as dt
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from math import lcm

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from components.golang.templates import TemplateRenderError
from components.golang.templates.functions import FUNCTIONS
from components.golang.templates.functions.pkcs12 import MAX_ROUNDS
from components.golang.templates.pkcs12_tally import read_tally
from tests.unit.templates.support import render

PASSWORD = b"pw"
FEW, MANY = 0x01B7E9, 0x7FFFFF
MERSENNE = {bits: (1 << bits) - 1 for bits in (607, 1279, 2203, 2281)}
"""Primes, by their length in bits."""


def _archive(rounds: int, algorithm: pkcs12.PBES = pkcs12.PBES.PBESv2SHA256AndAES256CBC) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start.replace(year=2040))
    encryption = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(rounds).key_cert_algorithm(algorithm)
    return pkcs12.serialize_key_and_certificates(
        b"x", key, builder.sign(key, hashes.SHA256()), None, encryption.hmac_hash(hashes.SHA256()).build(PASSWORD)
    )


def _hostile(part: int) -> bytes:
    """An archive in which one part asks for 8 million rounds: the certificate's, the key's, or the final check."""
    archive = _archive(FEW)
    pieces = archive.split(FEW.to_bytes(3, "big"))
    assert len(pieces) == 3
    if part < 2:
        return pieces[0] + pieces[1].join((MANY if at == part else FEW).to_bytes(3, "big") for at in (0, 1)) + pieces[2]
    # By chance a byte of what is encrypted may look like the length of the rest; a sequence of a sequence does not.
    found = [at for at in range(len(archive) - 2) if archive[at] == archive[at + 2] == 0x30]
    check = next(at for at in found if at + 2 + archive[at + 1] == len(archive))
    assert archive.endswith(b"\x02\x02\x08\x00")
    length = int.from_bytes(archive[2:4], "big") + 1
    last = b"\x30" + bytes([archive[check + 1] + 1]) + archive[check + 2 : -4] + b"\x02\x03" + MANY.to_bytes(3, "big")
    return archive[:2] + length.to_bytes(2, "big") + archive[4:check] + last


@pytest.mark.parametrize("algorithm", [pkcs12.PBES.PBESv2SHA256AndAES256CBC, pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC])
@pytest.mark.parametrize("name", ["pkcs12keyPass", "pkcs12certPass"])
def test_an_archive_opens_with_the_rounds_that_tools_write(name: str, algorithm: pkcs12.PBES) -> None:
    for rounds in (2048, 10_000, 100_000):
        assert "-----BEGIN" in render(f"{{{{ {name} `pw` .a }}}}", {"a": _archive(rounds, algorithm)})


@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("name", ["pkcs12key", "pkcs12cert", "pkcs12keyPass `pw`", "pkcs12certPass `pw`"])
def test_an_archive_that_asks_for_millions_of_rounds_is_refused(name: str, part: int) -> None:
    with pytest.raises(TemplateRenderError, match="rounds of hashing, and may ask for 600,000"):
        render(f"{{{{ {name} .a }}}}", {"a": _hostile(part)})


def test_rounds_are_counted_as_work() -> None:
    archive = _archive(MAX_ROUNDS * 5 // 12)
    assert render("{{ pkcs12keyPass `pw` .a }}", {"a": archive})
    with pytest.raises(TemplateRenderError, match="more work than is allowed"):
        render("{{ pkcs12keyPass `pw` .a }}{{ pkcs12certPass `pw` .a }}", {"a": archive})


def _in_ber(archive: bytes) -> bytes:
    """The archive with an outermost length that is found by reading on."""
    return b"\x30\x80" + archive[4:] + b"\0\0"


@pytest.mark.parametrize(
    "spoil",
    [
        _in_ber,
        lambda archive: archive[:-1],
        lambda archive: archive.replace(bytes.fromhex("2a864886f70d01050c"), bytes.fromhex("2b06010401da47040b")),
        lambda archive: b"\x30" * len(archive),
        lambda archive: b"\x1f" + archive,
        lambda archive: b"\x24" + archive[1:],
    ],
)
def test_an_archive_whose_rounds_cannot_be_counted_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TemplateRenderError, match="PKCS #12 archive"):
        render("{{ pkcs12keyPass `pw` .a }}", {"a": spoil(_archive(2048))})


def _jwk(first: int, second: int) -> bytes:
    p, q = MERSENNE[first], MERSENNE[second]
    numbers = {"n": p * q, "e": 65537, "d": pow(65537, -1, lcm(p - 1, q - 1)), "p": p, "q": q}
    written = {name: _in_base64(number) for name, number in numbers.items()}
    return json.dumps({"kty": "RSA", **written}).encode()


def _in_base64(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(number.bit_length() // 8 + 1, "big")).rstrip(b"=").decode()


def test_a_private_key_that_takes_long_to_check_is_counted_as_work_and_a_larger_one_refused() -> None:
    key = _jwk(2203, 2281)
    assert "PRIVATE KEY" in render("{{ jwkPrivateKeyPem .a }}", {"a": key})
    assert 50_000 < FUNCTIONS["jwkPrivateKeyPem"].cost((key,)) < 200_000
    assert FUNCTIONS["jwkPrivateKeyPem"].cost((_jwk(1279, 607),)) < 20_000
    huge = json.dumps({"kty": "RSA", **dict.fromkeys(("n", "e", "d", "p", "q"), "A" * 3000)}).encode()
    with pytest.raises(TemplateRenderError, match="larger than an RSA key of 8192 bits"):
        render("{{ jwkPrivateKeyPem .a }}", {"a": huge})


@pytest.mark.parametrize(
    "call", ["rsaDecrypt `RSA-OAEP` `SHA1` `x` .a", "pemToPkcs12 `x` .a", "fullPemToPkcs12Pass `x` .a `pw`"]
)
def test_a_private_key_in_pem_has_the_same_bound(call: str) -> None:
    pem = "-----BEGIN PRIVATE KEY-----\n" + "AAAA" * 2000 + "\n-----END PRIVATE KEY-----\n"
    with pytest.raises(TemplateRenderError, match="larger than an RSA key of 8192 bits"):
        render(f"{{{{ {call} }}}}", {"a": pem.encode()})


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        # 250 seconds: RE2 compiles in time that grows with the square of the pattern's length.
        ("{{ regexFind .a `x` }}", "it has 200,000 bytes, and may have 4,000"),
        ("{{ mustRegexMatch .a `x` }}", "it has 200,000 bytes, and may have 4,000"),
        # A few bytes become a program of 90,000 instructions.
        (r"{{ range until 60 }}{{ regexMatch (printf `\pL{%d}` .) `x` }}{{ end }}", "more work than is allowed"),
        (r"{{ regexMatch `\pL{300}` `x` }}", "too large"),
        # Each piece of a layout is a step of its own.
        ("{{ range until 9 }}{{ date $.a 1 }}{{ end }}", "more work than is allowed"),
        ("{{ range until 9 }}{{ (toDate `2006` `2020`).Format $.a }}{{ end }}", "more work than is allowed"),
        ("{{ toDate .a .a }}", "the layout is longer than 1000 bytes"),
        ("{{ mustToDate .a .a }}", "the layout is longer than 1000 bytes"),
        # The list of all time zones was read again for each that there is not.
        ("{{ range until 9000 }}{{ dateInZone `2006` 1 `No/Zone` }}{{ end }}", "more work than is allowed"),
        ("{{ range until 9000 }}{{ htmlDateInZone 1 (printf `No/%d` .) }}{{ end }}", "more work than is allowed"),
        (
            "{{ range until 9 }}{{ fromYaml (print `a: [` (trunc 90000 $.a) `]`) | len }}{{ end }}",
            "more work than is allowed",
        ),
        # Each certificate is compared with each other one.
        ("{{ range until 9 }}{{ filterPEM `A` (repeat 9 $.a) }}{{ end }}", "more work than is allowed"),
        ("{{ filterCertChain `leaf` (repeat 12 $.a) }}", "more work than is allowed"),
        ("{{ pemTruststoreToPKCS12 (repeat 12 $.a) }}", "more work than is allowed"),
        ("{{ range until 99 }}{{ randAlpha 60000 | len }}{{ end }}", "more work than is allowed"),
        ("{{ range until 99 }}{{ randNumeric 60000 | len }}{{ end }}", "more work than is allowed"),
        ("{{ range until 9 }}{{ shuffle $.a | len }}{{ end }}", "more work than is allowed"),
    ],
)
def test_what_a_few_bytes_make_slow_is_refused_in_time(template: str, reason: str) -> None:
    start = time.process_time()
    with pytest.raises(TemplateRenderError, match=reason):
        render(template, {"a": b"1," * 100_000})
    assert time.process_time() - start < 10


def test_the_id_of_a_key_may_begin_as_der_does() -> None:
    # SET { OCTET STRING }, as localKeyID is: one of 256 begins with the tag of a SEQUENCE.
    assert read_tally(b"\x31\x06\x04\x04\x30\xff\xff\xff").rounds == 0
