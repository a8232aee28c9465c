"""Stores of any kind, as needs and keys, for the tests of their policies."""

from hypothesis import strategies as st

from components.core.iam import CustomerKey, Location, Need
from components.core.ssm.permissions import ParameterNeed, PathNeed, PushNeed, TagsNeed

PLACE = Location("aws", "eu-central-1", "123456789012")
KEYS = tuple(f"arn:aws:kms:eu-central-1:123456789012:key/{number}" for number in (1, 2))
LEVELS = st.text("abxyz", min_size=1, max_size=3)
NAMES = st.lists(LEVELS, min_size=1, max_size=3).map(lambda levels: "/" + "/".join(levels))
REFERENCES = st.tuples(NAMES, st.sampled_from(["", ":1", ":prod"])).map("".join)
TAGS = st.dictionaries(LEVELS, LEVELS, min_size=1, max_size=2)
READINGS = st.builds(ParameterNeed, REFERENCES, st.just("a key"), value=st.just(value=True), tags=st.booleans())
NEEDS: st.SearchStrategy[Need] = st.one_of(
    READINGS,
    st.builds(PathNeed, NAMES, st.just("a find")),
    st.builds(TagsNeed, TAGS, st.just("a find"), st.none() | NAMES),
    st.builds(
        PushNeed, NAMES, st.just("a push"), deletes=st.booleans(), advanced=st.booleans(), compares=st.booleans()
    ),
)


@st.composite
def customer_keys(draw: st.DrawFn) -> list[CustomerKey]:
    """Up to two customer keys, each for some names."""
    return [
        CustomerKey(arn, tuple(draw(st.lists(st.one_of(NAMES, NAMES.map(lambda name: f"{name}/*")), min_size=1))))
        for arn in draw(st.lists(st.sampled_from(KEYS), unique=True))
    ]
