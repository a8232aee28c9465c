"""Each row of the map is true by the sandbox's authoriser, and no row is missing, for generated stacks."""

from hypothesis import HealthCheck, given, settings

from components.core.access.access_findings import with_findings
from components.core.access.access_map import AccessMap, access_map
from components.core.access.declared_access import declared_in
from components.core.access.stack_state import resources_of
from tests.support.access_judge import untrue
from tests.support.access_stacks import StorePlan, stacks, state


def mapped(stores: list[StorePlan]) -> AccessMap:
    return with_findings(access_map(declared_in(resources_of(state(stores), "the state"))))


@given(stacks(6))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_every_row_is_true_and_none_is_missing(stores: list[StorePlan]) -> None:
    found = mapped(stores)
    assert list(untrue(stores, found)) == []
    assert not [each for each in found.findings if each.kind in ("not-granted", "no-store", "unused-grant")]
