"""Runs the sandbox's AWS as a process of its own: prints its URL, serves until interrupted."""

import argparse
import signal
import threading

from .api import AwsApi


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox.aws",
        description="AWS on this machine (moto with a faithful Parameter Store). Prints its URL, serves until stopped.",
        epilog="GET or DELETE /sandbox/calls shows or empties the call log; GET, POST or DELETE /sandbox/faults shows, "
        'adds (such as {"kind": "throttle", "operation": "ssm:*", "seconds": 5}) or ends faults; POST /sandbox/reset '
        "empties everything.",
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 (default) takes a free one")
    parser.add_argument("--region", default="eu-central-1", help="default region (%(default)s)")
    parser.add_argument("--environment", action="store_true", help="print the variables for SDKs instead of the URL")
    parser.add_argument("--allow-all", action="store_true", help="hold nobody to IAM policies")
    arguments = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with AwsApi(arguments.region, arguments.port) as aws:
        aws.authorises = not arguments.allow_all
        if arguments.environment:
            for name, value in aws.environment().items():
                print(f"export {name}={value}", flush=True)
        else:
            print(aws.url, flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
