"""The sandbox's own pages, `/sandbox/calls` and `/sandbox/faults`, for tests in another process."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from .decoding import parse_json
from .faults import FaultError, fault_from
from .go_json import DecodeError
from .status import bad_request, method_not_allowed, no_such_path
from .wire import Response, json_response

if TYPE_CHECKING:
    from .calls import CallLog
    from .faults import Faults
    from .wire import Request


def control(request: Request, calls: CallLog, faults: Faults) -> Response:
    """Answer a request under `/sandbox`: GET shows, DELETE clears, POST of a fault (or a list of them) adds it.

    Raises:
        StatusError: 400, 404, 405.
    """
    if request.path == "/sandbox/calls":
        if request.method == "DELETE":
            calls.clear()
        elif request.method != "GET":
            raise method_not_allowed()
        return json_response(200, {"calls": [dataclasses.asdict(call) for call in calls.all()]})
    if request.path == "/sandbox/faults":
        if request.method == "DELETE":
            faults.clear()
        elif request.method == "POST":
            for fault in _faults(request):
                faults.add(fault_from(fault))
        elif request.method != "GET":
            raise method_not_allowed()
        return json_response(200, {"faults": [dataclasses.asdict(fault) for fault in faults.active()]})
    raise no_such_path()


def _faults(request: Request) -> list[dict[str, Any]]:
    try:
        sent = parse_json(request.body)
        found = sent if isinstance(sent, list) else [sent]
        for fault in found:
            fault_from(fault)
    except (DecodeError, FaultError) as mistake:
        raise bad_request(str(mistake)) from None
    except TypeError:
        raise bad_request("a fault is a JSON object") from None
    return found
