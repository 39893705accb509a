"""Turns sealed events into notices and letters. Sending is done elsewhere, as it waits for other systems."""

from audit import clock
from requests_app.notifications.mail_digests import put_into_letters
from requests_app.notifications.projection import project


def tell() -> None:
    """All that is sealed, and all that may leave by now."""
    while project(now=clock.now()):
        pass
    while put_into_letters(now=clock.now()):
        pass
