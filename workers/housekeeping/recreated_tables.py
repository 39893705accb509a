"""Opens decisions on tables that were created again, and lets rules of their domains decide."""

from kernel import clock
from requests_app.recreated_tables.found_tables import open_decisions


def find_recreated_tables() -> int:
    """Each in its own transaction; returns how many decisions were opened, made by a rule, or closed."""
    return open_decisions(clock.now())
