"""The other way round: one store, and PushSecrets of ten keys each, every key to a parameter of its own."""

import os

from components.parameter_store import SecretStore
from components.push_secret import PushData, PushSecret

KEYS = 10
"""As benchmarks.measure.KEYS_PUSHED."""
store = SecretStore(
    "bench",
    namespace="bench",
    region="eu-central-1",
    requests_per_second=float(os.environ["BENCHMARK_REQUESTS_PER_SECOND"]),
)
for number in range(int(os.environ["BENCHMARK_SIZE"]) // KEYS):
    PushSecret(
        f"s{number:04}",
        stores=[store],
        secret=f"s{number:04}",
        data=[PushData(f"/pushed/s{number:04}/k{key}", f"k{key}") for key in range(KEYS)],
    )
