"""All rules of the pack."""

from . import iam, parameters, pushes, secrets, stack, stores, trust

RULES = (
    *iam.RULES,
    *trust.RULES,
    *parameters.RULES,
    *secrets.RULES,
    *pushes.RULES,
    *stores.RULES,
    *stack.RULES,
)
