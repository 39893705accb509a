"""What happened is told: sealed events become notices and letters. Sending is another matter, as it waits for others."""

from audit import clock
from requests_app.notifications.mail_digests import put_into_letters
from requests_app.notifications.projection import project


def tell() -> None:
    """All that is sealed, and all that may leave by now."""
    while project(now=clock.now()):
        pass
    while put_into_letters(now=clock.now()):
        pass
