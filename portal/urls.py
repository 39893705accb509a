"""URLs of the portal's pages, by feature. The root URLconf names the error pages: see `portal.errors.views`."""

from portal.access import urls as access
from portal.access_reviews import urls as access_reviews
from portal.accounts import urls as accounts
from portal.audit_log import urls as audit_log
from portal.authentication import urls as authentication
from portal.basket import urls as basket
from portal.break_glass import urls as break_glass
from portal.browse import urls as browse
from portal.bulk_review import urls as bulk_review
from portal.classification import urls as classification
from portal.column_holds import urls as column_holds
from portal.crawler_runs import urls as crawler_runs
from portal.csp_reports import urls as csp_reports
from portal.data_api import urls as data_api
from portal.decisions import urls as decisions
from portal.delegation import urls as delegation
from portal.departures import urls as departures
from portal.derivation import urls as derivation
from portal.discovery import urls as discovery
from portal.explanations import urls as explanations
from portal.follows import urls as follows
from portal.glossary import urls as glossary
from portal.grant_status import urls as grant_status
from portal.health import urls as health
from portal.home import urls as home
from portal.inbox import urls as inbox
from portal.keyboard_shortcuts import urls as keyboard_shortcuts
from portal.lineage import urls as lineage
from portal.lists import table as lists
from portal.local_groups import urls as local_groups
from portal.mesh import urls as mesh
from portal.my_products import urls as my_products
from portal.notifications import urls as notifications
from portal.offers import urls as offers
from portal.palette import urls as palette
from portal.people import urls as people
from portal.permissions import urls as permissions
from portal.policies import urls as policies
from portal.posture import urls as posture
from portal.problems import urls as problems
from portal.product_editing import urls as product_editing
from portal.product_files import urls as product_files
from portal.product_lifecycle import urls as product_lifecycle
from portal.products import urls as products
from portal.profile import urls as profile
from portal.publication_rules import urls as publication_rules
from portal.quality import urls as quality
from portal.questions import urls as questions
from portal.recreated_tables import urls as recreated_tables
from portal.registrations import urls as registrations
from portal.release_notes import urls as release_notes
from portal.request_form import urls as request_form
from portal.requests import urls as requests
from portal.review import urls as review
from portal.samples import urls as samples
from portal.search import urls as search
from portal.service_tokens import urls as service_tokens
from portal.sync import urls as sync
from portal.tag_changes import urls as tag_changes
from portal.tags import urls as tags
from portal.usage import urls as usage
from portal.webhooks import urls as webhooks

urlpatterns = [
    *home.urlpatterns,
    *search.urlpatterns,
    *browse.urlpatterns,
    *people.urlpatterns,
    *glossary.urlpatterns,
    *offers.urlpatterns,
    *data_api.urlpatterns,
    *discovery.urlpatterns,
    *publication_rules.urlpatterns,
    *product_editing.urlpatterns,
    *product_files.urlpatterns,
    *product_lifecycle.urlpatterns,
    *products.urlpatterns,
    *release_notes.urlpatterns,
    *follows.urlpatterns,
    *questions.urlpatterns,
    *derivation.urlpatterns,
    *problems.urlpatterns,
    *lineage.urlpatterns,
    *quality.urlpatterns,
    *usage.urlpatterns,
    *samples.urlpatterns,
    *mesh.urlpatterns,
    *webhooks.urlpatterns,
    *lists.urlpatterns,
    *my_products.urlpatterns,
    *crawler_runs.urlpatterns,
    *registrations.urlpatterns,
    *decisions.urlpatterns,
    *recreated_tables.urlpatterns,
    *classification.urlpatterns,
    *tag_changes.urlpatterns,
    *tags.urlpatterns,
    *sync.urlpatterns,
    *service_tokens.urlpatterns,
    *request_form.urlpatterns,
    *basket.urlpatterns,
    *requests.urlpatterns,
    *inbox.urlpatterns,
    *review.urlpatterns,
    *bulk_review.urlpatterns,
    *delegation.urlpatterns,
    *access.urlpatterns,
    *grant_status.urlpatterns,
    *column_holds.urlpatterns,
    *local_groups.urlpatterns,
    *accounts.urlpatterns,
    *posture.urlpatterns,
    *permissions.urlpatterns,
    *explanations.urlpatterns,
    *access_reviews.urlpatterns,
    *break_glass.urlpatterns,
    *policies.urlpatterns,
    *departures.urlpatterns,
    *audit_log.urlpatterns,
    *notifications.urlpatterns,
    *profile.urlpatterns,
    *health.urlpatterns,
    *csp_reports.urlpatterns,
    *authentication.urlpatterns,
    *palette.urlpatterns,
    *keyboard_shortcuts.urlpatterns,
]
