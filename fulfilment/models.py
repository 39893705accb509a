"""Imports the models of each subpackage, because Django looks for them here."""

from background import models as background  # noqa: F401
from fulfilment import health, holds, role_queries, rounds  # noqa: F401
from fulfilment.intents import models as intents  # noqa: F401
from fulfilment.observations import models as observations  # noqa: F401
from fulfilment.permissions import models as permissions  # noqa: F401
