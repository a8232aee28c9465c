"""Each row of the access map of a large program is true by the authoriser, and none is missing."""

import pytest

from tests.support.access_judge import untrue
from tests.support.access_stacks import large_stack
from tests.unit.access.test_rows_are_true import mapped


@pytest.mark.slow
def test_every_row_is_true_for_two_hundred_secrets() -> None:
    stores = large_stack(seed=1, secrets=200)
    found = mapped(stores)
    assert len(found.deliveries) > 300
    assert len(found.parameters) > 100
    assert list(untrue(stores, found)) == []
