"""The product: one store, and ExternalSecrets of three keys, each from a JSON parameter or secret of its own."""

import os

from components.external_secret import ExternalSecret, RemoteRef
from components.parameter_store import SecretStore

store = SecretStore(
    "bench",
    namespace="bench",
    region="eu-central-1",
    service="SecretsManager" if os.environ["BENCHMARK_SERVICE"] == "SecretsManager" else "ParameterStore",
    requests_per_second=float(os.environ["BENCHMARK_REQUESTS_PER_SECOND"]),
    grouped=bool(os.environ["BENCHMARK_GROUPED"]),
)
for number in range(int(os.environ["BENCHMARK_SIZE"])):
    parameter = f"/bench/p{number:04}"
    ExternalSecret(
        f"s{number:04}",
        store=store,
        data={key: RemoteRef(parameter, property=key) for key in ("user", "password", "host")},
    )
