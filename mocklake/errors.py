"""The one error that a handler raises; the server writes it in the called service's own protocol."""


class AwsError(Exception):
    """An AWS error answer: `code` as botocore reports it, a human `message`, an HTTP `status`."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
