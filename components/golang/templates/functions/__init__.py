"""The functions that templates may call: Go's own, sprig's and ESO's, by subject."""

from collections.abc import Mapping

from ..function import Function
from .builtins import BUILTINS
from .casing import CASING
from .certificates import CERTIFICATES
from .crypto import CRYPTO
from .dates import DATES, TIME_METHODS
from .decimals import DECIMALS
from .dicts import DICTS
from .encoding import ENCODING
from .file_paths import PATHS
from .integers import NUMBERS
from .json_yaml import DOCUMENTS
from .keys import KEYS
from .lists import LISTS
from .pkcs12 import PKCS12
from .random import RANDOM
from .reflection import REFLECTION
from .regexps import REGEXPS
from .strings import STRINGS
from .urls import URLS
from .words import WORDS

__all__ = ["FUNCTIONS", "REFUSED", "TIME_METHODS"]

# Later families win: sprig's `slice` takes the place of Go's.
_FAMILIES = (
    BUILTINS, STRINGS, WORDS, CASING, ENCODING, NUMBERS, DECIMALS, LISTS, DICTS, DOCUMENTS,
    REFLECTION, DATES, REGEXPS, PATHS, URLS, CRYPTO, RANDOM, CERTIFICATES, PKCS12, KEYS,
)  # fmt: skip
FUNCTIONS: Mapping[str, Function] = {name: each for family in _FAMILIES for name, each in family.items()}

_NEW_KEYS = "it makes a new key with every apply; make the key once, keep it in Parameter Store and read it here"
_ENVIRONMENT = "ESO removed it, since it would let a template read what runs it"
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "genPrivateKey", "genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey",
            "genSignedCert", "genSignedCertWithKey", "buildCustomCert",
        ),
        _NEW_KEYS,
    ),
    **dict.fromkeys(("env", "expandenv", "getHostByName"), _ENVIRONMENT),
    **dict.fromkeys(("include", "tpl", "required", "lookup"), "it is a function of Helm, which ESO does not have"),
    **dict.fromkeys(("semver", "semverCompare"), "versions are not supported here"),
    "call": "there are no values here that are functions",
}  # fmt: skip
"""What people may know from elsewhere, and why it is not here."""
