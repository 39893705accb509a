"""Creates notifications, mails and deliveries from sealed events and changes. They are sent separately, as sending waits for
other systems.
"""

from catalog.change_feed.projection import number_changes
from kernel import clock
from requests_app.notifications.change_deliveries import create_change_deliveries
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.projection import project_events


def create_notifications() -> None:
    """Create notifications for all sealed events, then the mails that are due, and the change feed with its deliveries."""
    while project_events(now=clock.now()):
        pass
    while create_mails(now=clock.now()):
        pass
    while number_changes():
        pass
    while create_change_deliveries(now=clock.now()):
        pass
