"""URLs below registrations: comparisons and schema updates."""

from portal.registrations.comparisons import urls as comparisons
from portal.registrations.schema_updates import urls as schema_updates

urlpatterns = [*comparisons.urlpatterns, *schema_updates.urlpatterns]
api_urlpatterns = [*comparisons.api_urlpatterns, *schema_updates.api_urlpatterns]
