"""Times as tools write them: the one parser of all intakes. Pure."""

from datetime import UTC, datetime


def parse_iso_time(text: str) -> datetime | None:
    """ISO 8601 in its basic or extended form, or a date, which is its first moment; without an offset it is UTC. None if it is
    no time.
    """
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
