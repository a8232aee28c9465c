"""Each row of the access map of a large program is true by the authoriser, and none is missing."""

from collections import Counter
from dataclasses import replace

import pytest

from components.core.access.access_map import AccessMap, Parameter, Reader
from tests.support.access_judge import untrue
from tests.support.access_stacks import large_stack
from tests.unit.access.test_rows_are_true import mapped


@pytest.mark.slow
def test_every_row_is_true_for_two_hundred_secrets() -> None:
    """Of both services, in batches too, with PushSecrets and cluster-wide kinds."""
    stores = large_stack(seed=1, secrets=200)
    found = mapped(stores)
    assert len({each.external_secret for each in found.secrets}) == 200
    assert min(Counter(each.service for each in found.parameters).values()) > 100
    assert len(found.deliveries) > 300
    assert len([each for each in found.deliveries if each.external_secret.startswith("Cluster")]) > 50
    assert Counter(each.push_secret.startswith("Cluster") for each in found.pushes) == {False: 50, True: 15}
    assert list(untrue(stores, found)) == []
    assert {each.kind for each in found.findings} <= {"several-namespaces", "wide-grant", "plain-push", "behind"}
    idle = [each for role in found.roles for each in role.grants if not each.because]
    assert [each for each in idle if "/web1/" not in each.resource] == [], "what a store's paths say needs no reason"

    reader = next(each for each in found.parameters if each.readers)
    others = tuple(each for each in found.parameters if each != reader)
    for lie in (
        replace(found, pushes=found.pushes[1:]),
        replace(found, deliveries=found.deliveries[1:]),
        replace(found, parameters=(*others, replace(reader, readers=()))),
        replace(found, parameters=(*others, replace(reader, readers=(*reader.readers, *_elsewhere(found, reader))))),
    ):
        assert list(untrue(stores, lie)) != []


def _elsewhere(found: AccessMap, parameter: Parameter) -> list[Reader]:
    own = {each.identity for each in parameter.readers}
    return [each for other in found.parameters for each in other.readers if each.identity not in own][:1]
