"""`python -m benchmarks --help`: what operations take, against the engine's floor, in one run."""

import argparse
import os
import sys
from itertools import pairwise

from components.core.service import Service
from components.core.services import SERVICES
from components.core.ssm import PARAMETER_STORE
from components.core.ssm.writing import ParameterWriting
from sandbox.engines import Engine, real_engine, sandbox_engine

from .measure import KEYS_PUSHED, BenchmarkError, Measured, measure

AIM = 1.25


def main() -> int:
    """Measure and print one table for each engine; exit code 1 when an operation failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default="100,300,1000", help="numbers of ExternalSecrets (default: %(default)s)")
    parser.add_argument(
        "--programs",
        default="floor,secrets,grouped",
        help="what is run: the engine's floor, a resource for each Secret, and one for all (default: %(default)s)",
    )
    parser.add_argument(
        "--engine",
        choices=("sandbox", "pulumi", "both"),
        help="what runs it (default: the sandbox's engine, and the Pulumi CLI where there is one on PATH)",
    )
    parser.add_argument(
        "--requests-per-second",
        type=float,
        help="the store's share of the account's rate limit (default: the service's own)",
    )
    parser.add_argument(
        "--service", choices=list(SERVICES), default=PARAMETER_STORE.name, help="what is read (default: %(default)s)"
    )
    parser.add_argument(
        "--pushed", action="store_true", help="numbers of parameters that PushSecrets of ten keys write, instead"
    )
    options = parser.parse_args()
    service = SERVICES[options.service]
    rate = options.requests_per_second or service.requests_per_second
    if options.pushed and service is not PARAMETER_STORE:
        parser.error("--pushed measures Parameter Store alone")
    engines = {"sandbox": sandbox_engine(), "pulumi": real_engine(os.environ)}
    wanted = ("sandbox", "pulumi") if options.engine in (None, "both") else (options.engine,)
    if options.engine in ("pulumi", "both") and engines["pulumi"] is None:
        parser.error("there is no working pulumi CLI on PATH")
    sizes = [int(size) for size in options.sizes.split(",")]
    try:
        for engine in filter(None, map(engines.__getitem__, wanted)):
            if options.pushed:
                _pushed(engine, sizes, rate)
            else:
                _read(engine, options.programs.split(","), sizes, rate, service)
    except BenchmarkError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    return 0


def _read(engine: Engine, programs: list[str], sizes: list[int], rate: float, service: Service) -> None:
    """Measure ExternalSecrets, each program beside the floor of its size."""
    print(f"N ExternalSecrets with 3 keys from N distinct {service.noun}s; at most {rate:g} reads/s; {engine.title}")
    _head()
    took: dict[tuple[str, str], dict[int, float]] = {}
    for size in sizes:
        floor: dict[str, float] = {}
        for program in programs:
            for name, found in measure(engine, program, size, rate, service):
                took.setdefault((program, name), {})[size] = found.seconds
                if program == "floor":
                    floor[name] = found.seconds
                _row(size, program, name, floor.get("unchanged" if name in ("rotated", "drifted") else name), found)
    for (program, name), seconds in took.items():
        growth = [
            f"{b / a:.1f} times for {big / small:.1f} times N" for (small, a), (big, b) in pairwise(seconds.items())
        ]
        if growth:
            print(f"{program}, {name}: {', '.join(growth)}")
    print(f"The aim is a ratio of at most {AIM}, growing linearly with N.")


def _pushed(engine: Engine, sizes: list[int], rate: float) -> None:
    """Measure pushes: no less than the engine's floor, and the time in which AWS takes so many writes."""
    raised = rate > PARAMETER_STORE.requests_per_second
    writing = ParameterWriting()
    writes = writing.raised_per_second["writes"] if raised else writing.writes_per_second
    print(f"N parameters pushed of Secrets with {KEYS_PUSHED} keys; AWS takes {writes:g} writes/s; {engine.title}")
    _head()
    for size in sizes:
        floor = {name: each.seconds for name, each in measure(engine, "floor", size // KEYS_PUSHED, rate)}
        floor["first"] += (size - writes) / writes
        for name, found in measure(engine, "pushes", size, rate):
            _row(size, "pushes", name, floor[name], found)


def _head() -> None:
    print(
        f"{'N':>5}  {'program':<8} {'operation':<9} {'s':>7} {'ratio':>6} {'MiB':>5} {'state/N':>8}  calls", flush=True
    )


def _row(size: int, program: str, name: str, floor: float | None, found: Measured) -> None:
    ratio = f"{found.seconds / floor:.2f}" if floor else ""
    counted = ", ".join(f"{count} {kind}" for kind, count in found.calls.items() if count)
    each = f"{found.state / size:.0f} B"
    print(
        f"{size:>5}  {program:<8} {name:<9} {found.seconds:>7.2f} {ratio:>6} {found.memory:>5.0f} {each:>8}  {counted}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
