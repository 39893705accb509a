"""The bank as new, with its smaller catalog."""

from tests.workers.sync.conftest import catalog, cloud, seeded

__all__ = ["catalog", "cloud", "seeded"]
