"""Imports the models of each subpackage, because Django looks for them here."""

from requests_app import idempotency  # noqa: F401
from requests_app.access_requests import models as access_requests  # noqa: F401
from requests_app.access_reviews import models as access_reviews  # noqa: F401
from requests_app.break_glass import models as break_glass  # noqa: F401
from requests_app.data_queries import models as data_queries  # noqa: F401
from requests_app.grants import models as grants  # noqa: F401
from requests_app.grants.subgrants import models as grants_subgrants  # noqa: F401
from requests_app.leavers import models as leavers  # noqa: F401
from requests_app.notifications import models as notifications  # noqa: F401
from requests_app.notifications.webhooks import models as notifications_webhooks  # noqa: F401
from requests_app.policies import models as policies  # noqa: F401
from requests_app.recreated_tables import models as recreated_tables  # noqa: F401
from requests_app.review.assignment import models as review_assignment  # noqa: F401
from requests_app.review.bulk import models as review_bulk  # noqa: F401
from requests_app.review.delegation import models as review_delegation  # noqa: F401
from requests_app.review.sla import models as review_sla  # noqa: F401
from requests_app.submission import models as submission  # noqa: F401
from requests_app.table_credentials import models as table_credentials  # noqa: F401
from requests_app.write_access import models as write_access  # noqa: F401
