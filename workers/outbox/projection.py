"""Turns sealed events into notices and letters. Sending is done elsewhere, as it waits for other systems."""

from audit import clock
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.projection import project_events


def tell() -> None:
    """All that is sealed, and all that may leave by now."""
    while project_events(now=clock.now()):
        pass
    while create_mails(now=clock.now()):
        pass
