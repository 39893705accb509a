"""Imports the models of each subpackage, because Django looks for them here."""

from identity.accounts import models as accounts  # noqa: F401
from identity.authentication import models as authentication  # noqa: F401
from identity.connections import models as connections  # noqa: F401
from identity.people import models as people  # noqa: F401
from identity.role_changes import models as role_changes  # noqa: F401
from identity.service_tokens import models as service_tokens  # noqa: F401
