"""Imports the models of each subpackage, because Django looks for them here."""

from background import models as background  # noqa: F401
from fulfilment.health import models as health  # noqa: F401
from fulfilment.holds import models as holds  # noqa: F401
from fulfilment.intents import models as intents  # noqa: F401
from fulfilment.observations import models as observations  # noqa: F401
from fulfilment.permissions import models as permissions  # noqa: F401
from fulfilment.role_queries import models as role_queries  # noqa: F401
from fulfilment.rounds import models as rounds  # noqa: F401
