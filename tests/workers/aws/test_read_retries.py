"""A reading that AWS answers with an error of its own is asked again; anything else is told at once."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from workers.aws import errors
from workers.aws.errors import AwsError, ErrorKind, read_with_retries


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "RETRY_PAUSES", (0.0, 0.0))
    monkeypatch.setattr(errors, "THROTTLED_PAUSES", (0.0, 0.0, 0.0, 0.0))


def build_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "ListPermissions")


def build_failing_read(*fails: Exception) -> tuple[Callable[[], str], list[Exception]]:
    """What raises these one after the other and answers then; and those that it has not raised yet."""
    left = list(fails)

    def ask() -> str:
        if left:
            raise left.pop(0)
        return "rows"

    return ask, left


def test_an_error_of_aws_is_asked_over_twice() -> None:
    ask, left = build_failing_read(build_error("InternalServiceException"), build_error("InternalFailure"))
    assert (read_with_retries(ask), left) == ("rows", [])


def test_the_third_is_told() -> None:
    ask, left = build_failing_read(*[build_error("InternalServiceException")] * 4)
    with pytest.raises(AwsError) as told:
        read_with_retries(ask)
    assert (told.value.kind, len(left)) == (ErrorKind.UNKNOWN, 1)


def test_a_throttled_read_is_asked_over_four_times() -> None:
    ask, left = build_failing_read(*[build_error("ThrottledException")] * 4)
    assert (read_with_retries(ask), left) == ("rows", [])
    ask, left = build_failing_read(*[build_error("ThrottlingException")] * 6)
    with pytest.raises(AwsError) as told:
        read_with_retries(ask)
    assert (told.value.kind, len(left)) == (ErrorKind.THROTTLED, 1)


def test_pauses_after_throttling_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    pauses: list[float] = []
    monkeypatch.setattr("tenacity.nap.time.sleep", pauses.append)
    ask, _ = build_failing_read(*[build_error("ThrottlingException")] * 4)
    read_with_retries(ask)
    assert [low <= pause <= 3 * low for low, pause in zip((0.1, 0.2, 0.4, 0.8), pauses, strict=True)] == [
        True
    ] * 4
    assert pauses != list(errors.THROTTLED_PAUSES)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (build_error("AccessDeniedException"), ErrorKind.DENIED),
        (EndpointConnectionError(endpoint_url="nowhere"), ErrorKind.UNKNOWN),
    ],
)
def test_what_another_try_would_not_help_is_told_at_once(error: Exception, kind: ErrorKind) -> None:
    ask, left = build_failing_read(error, build_error("InternalServiceException"))
    with pytest.raises(AwsError) as told:
        read_with_retries(ask)
    assert (told.value.kind, len(left)) == (kind, 1)
