"""What happened is told: sealed events become notices, and mail and webhooks go out. At its own pace, beside the engine."""

from audit import clock
from requests_app.notices.letters import put_into_letters
from requests_app.notices.projecting import project
from workers.mail import send_letters
from workers.webhooks import send_deliveries


def deliver() -> None:
    """One pass: read all that is sealed, send what is due."""
    while project(now=clock.now()):
        pass
    while put_into_letters(now=clock.now()):
        pass
    send_letters(now=clock.now())
    send_deliveries(now=clock.now())
