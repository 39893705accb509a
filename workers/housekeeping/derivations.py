"""Approvals of upstream owners that are over, and published products that lack one."""

from catalog.derivation.actions import expire_derivation
from catalog.derivation.warnings import list_expired_requests, warn_of_derivations
from kernel import clock


def check_derivations() -> int:
    """Each in its own transaction; returns how many approvals expired and of how many products owners were warned."""
    now = clock.now()
    expired = sum(expire_derivation(request_id=pk, now=now) for pk in list_expired_requests(now))
    return expired + warn_of_derivations(now)
