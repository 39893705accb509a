"""Imports the models of each subpackage, because Django looks for them here."""

from identity import accounts, authentication, connections, service_tokens  # noqa: F401
from identity.people import models as people  # noqa: F401
from identity.role_changes import models as role_changes  # noqa: F401
