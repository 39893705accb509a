"""Pages of Django's administration, by subject: Django looks for them here."""

from requests_app.admin import (
    access_requests,
    access_reviews,
    accounts,
    break_glass,
    data_api,
    grants,
    leavers,
    notifications,
    policies,
    recreated_tables,
    review,
    webhooks,
    write_access,
)
