"""Addresses of the API, below /api/v1/, by feature."""

from django.urls import path

from portal.access import urls as access
from portal.access_reviews import urls as access_reviews
from portal.api.openapi_views import openapi
from portal.audit_log import urls as audit_log
from portal.basket import urls as basket
from portal.break_glass import urls as break_glass
from portal.bulk_review import urls as bulk_review
from portal.change_feed import urls as change_feed
from portal.classification import urls as classification
from portal.column_holds import urls as column_holds
from portal.crawler_runs import urls as crawler_runs
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
from portal.inbox import urls as inbox
from portal.lineage import urls as lineage
from portal.local_groups import urls as local_groups
from portal.mesh import urls as mesh
from portal.notifications import urls as notifications
from portal.offers import urls as offers
from portal.policies import urls as policies
from portal.problems import urls as problems
from portal.product_editing import urls as product_editing
from portal.product_files import urls as product_files
from portal.product_lifecycle import urls as product_lifecycle
from portal.products import urls as products
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

urlpatterns = [
    *search.api_urlpatterns,
    *glossary.api_urlpatterns,
    *offers.api_urlpatterns,
    *discovery.api_urlpatterns,
    *publication_rules.api_urlpatterns,
    *product_editing.api_urlpatterns,
    *product_files.api_urlpatterns,
    *product_lifecycle.api_urlpatterns,
    *products.api_urlpatterns,
    *release_notes.api_urlpatterns,
    *follows.api_urlpatterns,
    *questions.api_urlpatterns,
    *derivation.api_urlpatterns,
    *problems.api_urlpatterns,
    *lineage.api_urlpatterns,
    *quality.api_urlpatterns,
    *usage.api_urlpatterns,
    *samples.api_urlpatterns,
    *data_api.api_urlpatterns,
    *mesh.api_urlpatterns,
    *change_feed.api_urlpatterns,
    *crawler_runs.api_urlpatterns,
    *registrations.api_urlpatterns,
    *decisions.api_urlpatterns,
    *recreated_tables.api_urlpatterns,
    *departures.api_urlpatterns,
    *classification.api_urlpatterns,
    *tag_changes.api_urlpatterns,
    *tags.api_urlpatterns,
    *sync.api_urlpatterns,
    *service_tokens.api_urlpatterns,
    *request_form.api_urlpatterns,
    *basket.api_urlpatterns,
    *requests.api_urlpatterns,
    *inbox.api_urlpatterns,
    *review.api_urlpatterns,
    *bulk_review.api_urlpatterns,
    *delegation.api_urlpatterns,
    *access.api_urlpatterns,
    *grant_status.api_urlpatterns,
    *column_holds.api_urlpatterns,
    *local_groups.api_urlpatterns,
    *explanations.api_urlpatterns,
    *access_reviews.api_urlpatterns,
    *break_glass.api_urlpatterns,
    *policies.api_urlpatterns,
    *audit_log.api_urlpatterns,
    *notifications.api_urlpatterns,
    path("openapi.yaml", openapi, name="api-schema"),
]
