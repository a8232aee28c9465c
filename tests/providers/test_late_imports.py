"""Threads of the provider's process import nothing that another one may be importing in part."""

import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

ROOT = Path(__file__).parents[2]
PREPARED = """
import ast, importlib.util, sys
from pathlib import Path
from components.providers.operation.preparation import prepare

prepare()
for file in [each for room in ("clients", "core", "providers") for each in Path("components", room).rglob("*.py")]:
    package = ".".join(file.with_suffix("").parts[:-1])
    for function in ast.walk(ast.parse(file.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name != "prepare":
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom):
                    name = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
                    if name not in sys.modules and name.partition(".")[0] not in sys.stdlib_module_names:
                        print(file, name)
                elif isinstance(node, ast.Import):
                    for each in node.names:
                        if each.name not in sys.modules and each.name not in sys.stdlib_module_names:
                            print(file, each.name)
"""
RENDERED = """
import json, sys
from components.golang.templates import parse

def render(template):
    return parse(template, "case").render({name: text.encode() for name, text in data.items()})

data, first, *others = json.load(sys.stdin)
assert not any(name.partition(".")[0] in ("bcrypt", "cryptography") for name in sys.modules)
render(first)
before = {*sys.modules}
for each in others:
    assert render(each), each
print(*sorted(name for name in {*sys.modules} - before if name.startswith("cryptography")), sep="\\n")
"""
TEMPLATES = (
    '{{ "x" | encryptAES "key" | decryptAES "key" }}',
    "{{ certSANs .cert }}",
    '{{ filterCertChain "leaf" .cert }}{{ filterPEM "CERTIFICATE" .cert }}',
    '{{ $p := pemToPkcs12Pass .cert .key "x" | b64dec }}{{ pkcs12keyPass "x" $p }}{{ pkcs12certPass "x" $p }}',
    '{{ fullPemToPkcs12 .cert .key | b64dec | pkcs12key }}{{ pemTruststoreToPKCS12Pass .cert "x" }}',
    "{{ jwkPublicKeyPem .jwk }}",
    '{{ bcrypt "x" }}',
)


def run(script: str, given: object = None) -> str:
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_all_that_the_providers_import_late_is_there_before_threads_work() -> None:
    assert run(PREPARED) == ""


def test_the_first_function_that_needs_a_package_brings_all_that_others_need_of_it() -> None:
    assert run(RENDERED, [pair(), *TEMPLATES]) == ""


def pair() -> dict[str, str]:
    """A private key, and a certificate that it has signed itself."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("shop")]), critical=False)
    n = urlsafe_b64encode(key.public_key().public_numbers().n.to_bytes(256)).decode().rstrip("=")
    return {
        "cert": builder.sign(key, SHA256()).public_bytes(Encoding.PEM).decode(),
        "key": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "jwk": json.dumps({"kty": "RSA", "n": n, "e": "AQAB"}),
    }
