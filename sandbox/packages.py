"""Imported before all else: says what to do where Python lacks the sandbox's packages, in place of a traceback."""

import sys
from importlib.util import find_spec

if any(find_spec(name) is None for name in ("grpc", "moto", "pulumi", "urllib3", "yaml")):
    sys.exit(
        f"error: {sys.executable} has not the packages of the sandbox; run `make setup` in the checkout, and then "
        ".venv/bin/python -m sandbox"
    )
