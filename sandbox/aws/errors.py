"""An AWS error answer: every part raises this one type, and the gateway writes it in the call's protocol."""


class AwsError(Exception):
    """An error that AWS would answer.

    Args:
        code: the service's error code, such as `ParameterNotFound`.
        message: its text; AWS leaves it empty for some codes.
        status: HTTP status.
    """

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.status = status


class ConnectionDropped(Exception):  # noqa: N818 - it is not an answer, but the absence of one
    """The client gets a reset connection instead of an answer."""
