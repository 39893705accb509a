"""The clerk: a thread beside the pages that carries out decisions on several items when they are due, ends what no
campaign's owner kept, and lets in columns that were held back until they were classified.

It runs where decisions are made, because only the web's database role may write what is wanted. The rows are the
queue: no page has to stay open, and whichever web process looks first takes what is due.
"""

import logging
import threading

from django.conf import settings
from django.db import Error, connection

from audit import clock
from marketplace.middleware import ring
from requests_app.bulk.carrying import carry_out_due
from requests_app.campaigns.settling import settle_campaigns
from requests_app.holds.waiting import admit_all_classified

logger = logging.getLogger(__name__)


def start() -> threading.Thread:
    """Start it; it ends with its process."""
    thread = threading.Thread(target=work_until, args=[threading.Event()], name="clerk", daemon=True)
    thread.start()
    return thread


def work_until(stop: threading.Event) -> None:
    """Look for what is due, again and again. A database that is away is waited for."""
    while not stop.wait(settings.DECIDE_EVERY):
        try:
            now = clock.now()
            if carry_out_due(now) + settle_campaigns(now) + admit_all_classified(now):
                ring()
        except Error:
            logger.exception("the clerk could not look; it goes on")
            connection.close()
    connection.close()
