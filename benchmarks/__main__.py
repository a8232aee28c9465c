"""`python -m benchmarks --help`: first and unchanged up against the engine's floor, in one run."""

import argparse
import dataclasses
import sys

from components.core.services import SERVICES
from components.core.ssm import PARAMETER_STORE
from components.core.ssm.writing import ParameterWriting

from .measure import KEYS_PUSHED, BenchmarkError, Measured, measure

AIM = 1.25


def main() -> int:
    """Measure and print one table; exit code 1 when an operation failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default="100,300,1000", help="numbers of ExternalSecrets (default: %(default)s)")
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
    if options.pushed:
        if service is not PARAMETER_STORE:
            parser.error("--pushed measures Parameter Store alone")
        return _pushed(options.sizes, rate)
    print(f"N ExternalSecrets with 3 keys from N distinct {service.noun}s; at most {rate:g} reads/s")
    print(f"{'N':>5}  {'operation':<9} {'floor s':>8} {'ours s':>8} {'ratio':>6}  calls")
    try:
        for size in map(int, options.sizes.split(",")):
            floor = measure("floor", size, rate, service)
            ours = measure("secrets", size, rate, service)
            _print(size, floor, ours)
    except BenchmarkError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    print(f"The aim is a ratio of at most {AIM}, growing linearly with N.")
    return 0


def _pushed(sizes: str, requests_per_second: float) -> int:
    """Measure pushes: no less than the engine's floor, and the time in which AWS takes so many writes."""
    raised = requests_per_second > PARAMETER_STORE.requests_per_second
    writing = ParameterWriting()
    rate = writing.raised_per_second["writes"] if raised else writing.writes_per_second
    print(f"N parameters pushed of Secrets with {KEYS_PUSHED} keys; AWS takes {rate:g} writes/s")
    print(f"{'N':>5}  {'operation':<9} {'least s':>8} {'ours s':>8} {'ratio':>6}  calls")
    try:
        for size in map(int, sizes.split(",")):
            floor = measure("floor", size // KEYS_PUSHED, requests_per_second)
            ours = measure("pushes", size, requests_per_second)
            _print(size, dataclasses.replace(floor, first=floor.first + (size - rate) / rate), ours)
    except BenchmarkError as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    return 0


def _print(size: int, floor: Measured, ours: Measured) -> None:
    rows = [
        ("first", floor.first, ours.first, ours.first_calls),
        ("unchanged", floor.unchanged, ours.unchanged, ours.unchanged_calls),
    ]
    for name, least, took, calls in rows:
        counted = ", ".join(f"{count} {kind}" for kind, count in calls.items())
        print(f"{size:>5}  {name:<9} {least:>8.2f} {took:>8.2f} {took / least:>6.2f}  {counted}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
