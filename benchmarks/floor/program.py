"""The floor: as many components as there are ExternalSecrets, each with one no-op dynamic resource."""

import os

import pulumi
from pulumi.dynamic import Resource

from benchmarks.floor.noop import NoopProvider


class Noop(Resource, module="benchmark", name="Noop"):
    """A dynamic resource that does nothing."""


for number in range(int(os.environ["BENCHMARK_SIZE"])):
    component = pulumi.ComponentResource("benchmark:index:Component", f"s{number:04}", {})
    Noop(NoopProvider(), f"s{number:04}", {"number": number}, pulumi.ResourceOptions(parent=component))
    component.register_outputs({})
