"""AWS access keys that stand where a name belongs are refused and not shown: what is read stands in the state."""

import pytest

from components.core.service import Service
from components.core.services import SERVICES
from components.errors import SpecError

ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
PLAIN = "wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKE1"
EACH = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


@EACH
@pytest.mark.parametrize(
    "text",
    [
        *(f"{ID}:{SECRET}", f"{ID}:{PLAIN}", f"/{ID}:{PLAIN}", f"ASIA{ID[4:]}:{PLAIN}", f"{ID}:short"),
        *(f"{ID}:uuid/{PLAIN}", f"{ID}/{SECRET}", f"{ID} {SECRET}", f"{ID}, {SECRET}", f"app/{ID}/{SECRET}"),
        *(f"prod/db:{PLAIN}", f"prod/db:{SECRET}", f"tags of {ID}:{SECRET}", f"parameter {ID}:{SECRET}"),
    ],
)
def test_a_pair_of_keys_is_no_name(service: Service, text: str) -> None:
    with pytest.raises(SpecError) as caught:
        service.check(text)
    assert SECRET not in str(caught.value)
    assert PLAIN not in str(caught.value)


@EACH
@pytest.mark.parametrize("name", [ID, f"/iam/{ID}/secret", f"/prod/db:{'a1' * 20}", "/prod/db:release"])
def test_what_only_looks_a_little_like_one_is_taken(service: Service, name: str) -> None:
    service.check(name)


@pytest.mark.parametrize("name", [SECRET, f"{SECRET}/", f"/{SECRET}/", f"/{SECRET[:-1]}+"])
def test_a_secret_key_alone_is_not_advised_as_a_parameters_name(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        SERVICES["ParameterStore"].check(name)
    assert SECRET[:-1] not in str(caught.value)
    assert "(not shown, as it looks like an AWS secret key)" in str(caught.value)


def test_a_parameter_whose_name_only_looks_like_one_is_read() -> None:
    SERVICES["ParameterStore"].check(f"/{SECRET}")


@EACH
def test_nor_is_a_pair_shown_of_what_is_pushed(service: Service) -> None:
    assert service.writing is not None
    with pytest.raises(SpecError) as caught:
        service.writing.check_name(f"{ID}:{SECRET}")
    assert SECRET not in str(caught.value)
