"""What the page of a data product shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from catalog.browse.products import ProductPage
from catalog.browse.tables import TableView
from catalog.discovery.may import may_request_product, may_set_discovery
from catalog.glossary.queries import list_terms_of_product
from catalog.products.models import Domain
from catalog.products.offers.may import list_offering_domains
from catalog.revisions.may import may_save_product_draft
from catalog.tag_changes.may import may_propose_tag_change
from identity.people.models import Person
from kernel import clock
from kernel.verdicts import ALLOWED
from portal.access.own_query import choose_own_query
from portal.mesh.combine import build_combinations
from portal.offers.presenters import build_offer_summaries
from portal.pages.own_requests import RequestNote, find_request_notes
from portal.pages.places import maintains_product
from portal.product_lifecycle.presenters import build_banner, takes_requests
from portal.products.columns import ColumnList, build_column_lists
from portal.products.details import build_product_details, describe_support_hours, list_service_levels
from portal.products.discussion import build_discussion_context
from portal.products.presenters import build_classification_shares, build_readers_context
from portal.products.sections import build_sections_context
from portal.products.usage_examples import build_usage_examples
from requests_app.grants.models import Grant
from requests_app.grants.queries import (
    find_own_grants,
    list_held_grants,
    list_product_grants,
    select_queryable_grants,
)
from requests_app.grants.states import GrantState
from requests_app.review.decision_times import describe_decision_time, get_decision_time
from requests_app.table_credentials.may import may_set_credential_limit
from requests_app.targets.may import may_receive_access


@dataclass(frozen=True)
class TableRow:
    """A table of a product, with what the person has of it."""

    table: TableView
    columns: ColumnList
    grant: Grant | None
    note: RequestNote | None


def build_product_context(
    person: Person, page: ProductPage, inputs: Sequence[int] | None = None
) -> dict[str, Any]:
    """`inputs` are ids that a draft has instead of the product's own."""
    now = clock.now()
    first = page.tables[0] if page.tables else None
    notes = find_request_notes(person, [table.pk for table in page.tables], now)
    # Who has or has requested access has a role for it.
    recipient_verdict = ALLOWED if page.has_access or notes else may_receive_access(person)
    verdict = may_request_product(person, page.row)
    verdict = recipient_verdict if verdict else verdict
    banner = build_banner(page.row, person, now)
    shows_links = verdict and takes_requests(banner)
    rows = [table.row for table in page.tables]
    offers = build_offer_summaries(page.row, rows)
    may_edit = bool(may_save_product_draft(person, page.row))
    sections = build_sections_context(person, page, now, inputs=inputs, shows_trouble=may_edit)
    return {
        "user": person,
        "page": page,
        "product": page.row,
        "terms": list_terms_of_product(page.row),
        "classification_shares": build_classification_shares(page.classification_counts),
        "total_columns": sum(table.column_count for table in page.tables),
        "expected_wait": describe_decision_time(get_decision_time(page.domain.owner_team_id)),
        "grant_count": list_product_grants(person, page.row, rows).filter(state=GrantState.LIVE).count(),
        "details": build_product_details(person, page.row, inputs),
        "service_levels": list_service_levels(page.row, sections["quality"], sections["product_freshness"]),
        "support_hours": describe_support_hours(page.row),
        "offers": offers if shows_links else [replace(one, request_links=()) for one in offers],
        "may_edit": may_edit,
        "is_maintained": maintains_product(person, page.row),
        "may_set_discovery": bool(may_set_discovery(person, page.row)),
        "may_limit_credentials": bool(may_set_credential_limit(person, page.row)),
        "may_change_tags": bool(first) and may_change_tags(person, page.domain),
        "request_verdict": verdict,
        "recipient_verdict": recipient_verdict,
        "banner": banner,
        "report_product": page.row if page.row.retired_at is None and inputs is None else None,
        "takes_requests": takes_requests(banner),
        "may_make_offers": bool(list_offering_domains(person, page.row, rows)),
        "request_note": max(notes.values(), key=lambda note: note.request_id, default=None),
        **build_readers_context(page.holders, first.row.database.catalog.account.name if first else "", now),
        **_build_tables_context(person, page, notes, now),
        **sections,
        **build_discussion_context(person, page.row, now),
        "mirrored_at": max((table.row.mirrored_at for table in page.tables), default=None),
    }


def _build_tables_context(
    person: Person, page: ProductPage, notes: Mapping[int, RequestNote], now: datetime
) -> dict[str, object]:
    rows = [table.row for table in page.tables]
    held = list(list_held_grants(person, rows))
    own_grants = select_queryable_grants(held, now)
    columns, had = build_column_lists(page.tables, own_grants), find_own_grants(held, rows)
    tables = [
        TableRow(table, columns[table.pk], had.get(table.pk), notes.get(table.pk)) for table in page.tables
    ]
    return {
        "own_query": choose_own_query(own_grants, rows),
        "examples": build_usage_examples(page.row, page.tables, own_grants),
        "combinations": build_combinations(person, page.row, own_grants, now),
        "tables": tables,
        "readable_columns": sum(table.columns.readable for table in tables),
    }


def may_change_tags(person: Person, domain: Domain | None) -> bool:
    teams = [domain.owner_team_id] if domain else []
    return bool(may_propose_tag_change(person, teams, defines=False))
