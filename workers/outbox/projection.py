"""Creates notifications and mails from sealed events. They are sent separately, as sending waits for other systems."""

from audit import clock
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.projection import project_events


def create_notifications() -> None:
    """Create notifications for all sealed events, then the mails that are due."""
    while project_events(now=clock.now()):
        pass
    while create_mails(now=clock.now()):
        pass
