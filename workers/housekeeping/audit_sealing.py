"""Seals pending audit events."""

from django.db import connections

from audit.sealing import seal_pending


def seal_pending_events() -> None:
    """Seal until no event waits."""
    using = "sealer" if "sealer" in connections else "default"
    while seal_pending(using=using):
        pass
