"""ESO's functions on PEM, certificates, PKCS #12 archives and JSON Web Keys give what went in, in the right order."""

import base64
import datetime as dt
import ipaddress
import json
from dataclasses import dataclass

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat, pkcs12

from components.golang.templates import TemplateRenderError
from tests.unit.templates.support import render

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Identity:
    """A key and its certificate, as PEM."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issue(name: str, issuer: Identity | None = None) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signing = issuer.key if issuer else key
    names = [x509.RFC822Name("a@b.c"), x509.DNSName("x.y"), x509.IPAddress(ipaddress.ip_address("10.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(START)
        .not_valid_after(START + dt.timedelta(days=36_500))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(signing, hashes.SHA256())
    )
    return Identity(key, certificate)


ROOT = issue("root")
MIDDLE = issue("middle", ROOT)
LEAF = issue("leaf", MIDDLE)
DATA = {
    "root": ROOT.pem,
    "leaf": LEAF.pem,
    "mixed": MIDDLE.pem + ROOT.pem + LEAF.pem,
    "chain": LEAF.pem + MIDDLE.pem + ROOT.pem,
    "key": LEAF.key_pem,
    "bundle": b"notes\n" + LEAF.key_pem + LEAF.pem,
}


@pytest.mark.parametrize(("kind", "expected"), [("leaf", LEAF), ("intermediate", MIDDLE), ("root", ROOT)])
def test_a_chain_is_sorted_by_who_signed_whom(kind: str, expected: Identity) -> None:
    assert render(f'{{{{ filterCertChain "{kind}" .mixed }}}}', DATA) == expected.pem.decode()


def test_certificates_that_are_no_chain_are_refused() -> None:
    with pytest.raises(TemplateRenderError, match="not one chain with one leaf"):
        render('{{ filterCertChain "leaf" (print .leaf .leaf) }}', DATA)


def test_pem_is_filtered_by_type() -> None:
    assert render('{{ filterPEM "certificate" .bundle }}', DATA) == LEAF.pem.decode()
    assert render('{{ filterPEM "PRIVATE KEY" .bundle }}', DATA) == LEAF.key_pem.decode()


def test_names_of_a_certificate_are_listed_by_kind() -> None:
    assert render("{{ certSANs .leaf }}", DATA) == "[x.y 10.0.0.1 a@b.c]"


@pytest.mark.parametrize("password", ["", "pass word"])
def test_an_archive_gives_back_what_went_in(password: str) -> None:
    data = DATA | {"p": password.encode()}
    archive = render("{{ fullPemToPkcs12Pass .chain .key .p }}", data)
    data["archive"] = base64.b64decode(archive)
    assert render("{{ pkcs12keyPass .p .archive }}", data) == LEAF.key_pem.decode()
    assert render("{{ pkcs12certPass .p .archive }}", data) == DATA["chain"].decode()
    if password:
        with pytest.raises(TemplateRenderError, match="the password is wrong"):
            render("{{ pkcs12key .archive }}", data)


def test_an_archive_of_one_certificate_and_one_of_trusted_ones() -> None:
    single = base64.b64decode(render("{{ pemToPkcs12 .leaf .key }}", DATA))
    assert pkcs12.load_pkcs12(single, None).cert.certificate == LEAF.certificate  # type: ignore[union-attr]
    trusted = base64.b64decode(render('{{ pemTruststoreToPKCS12Pass .root "changeit" }}', DATA))
    loaded = pkcs12.load_pkcs12(trusted, b"changeit")
    assert [entry.certificate for entry in loaded.additional_certs] == [ROOT.certificate]


def test_an_archive_of_one_certificate_takes_no_notice_of_what_stands_behind_it() -> None:
    """A file with the certificate and its key is common, and ESO reads its first block alone."""
    data = {**DATA, "both": LEAF.pem + LEAF.key_pem}
    archive = base64.b64decode(render("{{ pemToPkcs12 .both .key }}", data))
    assert pkcs12.load_pkcs12(archive, None).cert.certificate == LEAF.certificate  # type: ignore[union-attr]
    with pytest.raises(TemplateRenderError, match="a PEM block is not a certificate"):
        render("{{ fullPemToPkcs12 .both .key }}", data)


def test_an_archive_is_not_made_of_a_key_and_a_foreign_certificate() -> None:
    with pytest.raises(TemplateRenderError, match="does not belong to the certificate"):
        render("{{ pemToPkcs12 .root .key }}", DATA)


def number(value: int) -> str:
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def test_json_web_keys_become_pem() -> None:
    key = rsa.generate_private_key(65537, 2048)
    private, public = key.private_numbers(), key.public_key().public_numbers()
    jwk = {"kty": "RSA", "n": number(public.n), "e": number(public.e)}
    data = {"jwk": json.dumps(jwk).encode()}
    expected = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert render("{{ jwkPublicKeyPem .jwk }}", data) == expected
    jwk |= {name: number(getattr(private, name)) for name in "dpq"}
    data = {"jwk": json.dumps(jwk).encode()}
    assert render("{{ jwkPrivateKeyPem .jwk }}", data) == (
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    )
    with pytest.raises(TemplateRenderError, match="is a private key"):
        render("{{ jwkPublicKeyPem .jwk }}", data)


def test_what_is_encrypted_with_rsa_can_be_decrypted() -> None:
    key = rsa.generate_private_key(65537, 2048)
    scheme = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    data = {
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
        "text": base64.b64encode(key.public_key().encrypt(b"hello", scheme)),
    }
    assert render('{{ rsaDecrypt "RSA-OAEP" "SHA256" (.text | b64dec) .key }}', data) == "hello"
    with pytest.raises(TemplateRenderError, match="cannot be decrypted with this key"):
        render('{{ rsaDecrypt "RSA-OAEP" "SHA512" (.text | b64dec) .key }}', data)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kid": 5},
        {"alg": 1},
        {"qi": "AAAAA"},
        {"qi": 1},
        {"dp": "AQAB"},
        {"d": None},
        {"key_ops": "sign"},
        {"key_ops": [1]},
        {"x5c": "a"},
    ],
)
def test_a_json_web_key_has_to_be_right_in_what_a_pem_does_without_too(wrong: dict[str, object]) -> None:
    private = rsa.generate_private_key(65537, 2048).private_numbers()
    jwk: dict[str, object] = {name: number(getattr(private, name)) for name in "dpq"}
    jwk |= {name: number(getattr(private.public_numbers, name)) for name in "ne"}
    jwk |= {"kty": "RSA", "kid": None, "dp": "", "qi": number(private.iqmp), "key_ops": ["sign"], "x": 1}
    assert "PRIVATE KEY" in render("{{ jwkPrivateKeyPem .jwk }}", {"jwk": json.dumps(jwk).encode()})
    with pytest.raises(TemplateRenderError, match="not a JSON Web Key"):
        render("{{ jwkPrivateKeyPem .jwk }}", {"jwk": json.dumps(jwk | wrong).encode()})
