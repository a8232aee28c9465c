"""Short forms for what every test here says."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


def error_of(call: Callable[[], Any]) -> tuple[str, str]:
    """Return code and message of the AWS error that `call` raises."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def code_of(call: Callable[[], Any]) -> str:
    """Return the code of the AWS error that `call` raises."""
    return error_of(call)[0]
