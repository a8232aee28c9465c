"""What to check where AWS cannot be asked: the region where its name is at fault, the endpoint where one is set."""

import pytest

from components.clients.aws.denials import store_failure
from components.clients.aws.failures import CallFailedError, Failure, Kind
from components.clients.aws.reads import Caller
from components.clients.aws.ssm.problems import WORDS

REGION = "check the region's name"
ENDPOINT = "check the endpoint that is set (aws:endpoints, AWS_SSM_ENDPOINT or AWS_ENDPOINT_URL)"


@pytest.mark.parametrize(
    ("kind", "code", "endpoint", "advice"),
    [
        (Kind.REQUEST, "UnknownRegion", "http://127.0.0.1:4566", REGION),
        (Kind.REQUEST, "InvalidRegionException", "https://ssm.internal.example", REGION),
        (Kind.REQUEST, "UnknownError", "https://ssm.eu-centrl-1.amazonaws.com", REGION),
        (Kind.REQUEST, "UnknownError", "http://127.0.0.1:4566", ENDPOINT),
        (Kind.REQUEST, "UnknownError", "https://vpce-1.ssm.eu-centrl-1.vpce.amazonaws.com", ENDPOINT),
        (Kind.UNREACHABLE, "EndpointConnectionError", "https://ssm.eu-centrl-1.amazonaws.com", REGION),
        (Kind.UNREACHABLE, "EndpointConnectionError", "https://ssm-fips.eu-centrl-1.amazonaws.com", REGION),
        (Kind.UNREACHABLE, "EndpointConnectionError", "https://ssm.eu-centrl-1.api.aws", REGION),
        (Kind.UNREACHABLE, "EndpointConnectionError", "http://localhost:4566", ENDPOINT),
    ],
)
def test_advice_names_what_is_likely_at_fault(kind: Kind, code: str, endpoint: str, advice: str) -> None:
    caller = Caller("eu-centrl-1", "aws", endpoint, "the default credentials")
    text = str(store_failure(CallFailedError(Failure(kind, "it failed", code), 1, 0.1), caller, WORDS))
    more = ", the network and the proxy" if kind is Kind.UNREACHABLE else ""
    assert text.endswith(f"; {advice}{more}")
