"""What the page of a data product shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.browse.products import ProductPage
from catalog.browse.tables import TableView
from catalog.derivation.evaluation import Subject, read_inputs
from catalog.discovery import may_request_product, may_set_discovery
from catalog.freshness import ProductFreshness
from catalog.glossary.queries import list_terms_of_product
from catalog.mirror.queries import HolderCounts
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.queries import list_offering_domains
from catalog.release_notes import ReleaseNote
from catalog.revisions.queries import list_published_revisions, may_save_product_draft
from catalog.revisions.versions import get_initial_version
from catalog.search.items import find_similar_products
from catalog.tag_changes.may import may_propose_tag_change
from catalog.usage.models import get_trail_readings
from catalog.usage.recording import LastRead, find_last_read
from fulfilment.observations.models import is_reading_too_old
from identity.people.models import Person
from kernel import clock
from kernel.verdicts import ALLOWED
from portal.access.own_query import choose_own_query
from portal.derivation.presenters import build_derivation_section
from portal.freshness.presenters import MARKS, describe_age, describe_promise, describe_source
from portal.freshness.presenters import build_product_context as build_product_freshness_context
from portal.lineage.drawing import build_table_lineage_view
from portal.mesh.combine import build_combinations
from portal.offers.presenters import build_offer_summaries
from portal.pages.own_requests import RequestNote, find_request_notes
from portal.pages.places import maintains_product
from portal.product_lifecycle.presenters import build_banner, takes_requests
from portal.products.changes import ChangeEntry, build_change_entries
from portal.products.columns import ColumnList, build_column_lists
from portal.products.details import (
    build_product_details,
    describe_percent,
    describe_support_hours,
    list_service_levels,
)
from portal.products.discussion import build_discussion_context
from portal.products.usage_examples import build_usage_examples
from portal.promises.presenters import build_promise_context
from portal.quality.presenters import QualityView, build_quality_view, describe_kept
from portal.usage.presenters import build_product_usage
from requests_app.display_states.vocabulary import CheckMark
from requests_app.grants.models import Grant
from requests_app.grants.product_use import ProductUse, count_product_uses
from requests_app.grants.queries import (
    find_own_grants,
    list_held_grants,
    select_queryable_grants,
)
from requests_app.review.decision_history import describe_decision_time, get_decision_time
from requests_app.table_credentials.may import may_set_credential_limit
from requests_app.targets.may import may_receive_access

MAX_CHANGES = 5


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
    use = count_product_uses([page.row.pk], now)[page.row.pk]
    sections = _build_sections_context(person, page, now, inputs=inputs, shows_trouble=may_edit, use=use)
    return {
        "user": person,
        "page": page,
        "product": page.row,
        "terms": list_terms_of_product(page.row),
        "classification_shares": build_classification_shares(page.classification_counts),
        "total_columns": sum(table.column_count for table in page.tables),
        "expected_wait": describe_decision_time(get_decision_time(page.domain.owner_team_id)),
        "grant_count": use.grant_count,
        "details": build_product_details(person, page.row, inputs),
        "service_levels": list_service_levels(page.row, sections["quality"], sections["product_freshness"]),
        "support_hours": describe_support_hours(page.row),
        "offers": offers if shows_links else [replace(offer, request_links=()) for offer in offers],
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


def _build_sections_context(
    person: Person,
    page: ProductPage,
    now: datetime,
    *,
    inputs: Sequence[int] | None,
    shows_trouble: bool,
    use: ProductUse,
) -> dict[str, Any]:
    """`inputs` are ids that a draft has instead of the product's own. `shows_trouble`: why something could not be read."""
    product, rows = page.row, [table.row for table in page.tables]
    is_draft = inputs is not None
    readings = get_trail_readings({row.database.catalog_id for row in rows})
    quality = build_quality_view(
        [row.pk for row in rows if row.tombstoned_at is None],
        now,
        promised=product.quality_percent,
        promised_completeness=product.completeness_percent,
    )
    freshness = build_product_freshness_context(product, rows, now, shows_trouble=shows_trouble)
    notes = ReleaseNote.objects.filter(product=product).select_related("written_by").order_by("-pk")
    revisions = list_published_revisions(product)
    changes = build_change_entries(revisions[:MAX_CHANGES], notes[:MAX_CHANGES], counts_notified=False)
    newest = next((change for change in changes if change.note is None), None)
    facts = [
        build_freshness_fact(freshness["product_freshness"], now),
        _build_quality_fact(product, quality),
        _build_use_fact(use),
        build_last_read_fact(find_last_read(rows, readings)),
        build_change_fact(newest),
    ]
    return {
        "facts": [fact for fact in facts if fact],
        "quality": quality,
        **freshness,
        **build_promise_context(product),
        "changes": changes[:MAX_CHANGES],
        "version": newest.version if newest else get_initial_version(product),
        "lineage": build_table_lineage_view(person, rows[0]) if rows else None,
        "derivation": build_derivation_section(person, _build_subject(page, inputs), now),
        "usage": None if is_draft else build_product_usage(person, product, rows, readings, now),
        "similar_products": [] if is_draft else find_similar_products(person, product.pk),
    }


def _build_subject(page: ProductPage, inputs: Sequence[int] | None) -> Subject:
    """One query for the product's own inputs, none for those of a draft."""
    if inputs is None:
        inputs = read_inputs(page.row)
    return Subject(page.row, tuple(table.pk for table in page.tables), tuple(inputs))


def build_classification_shares(counts: dict[str, int]) -> list[tuple[str, int, float, float]]:
    """(classification, columns, offset, width) in percent, for the small bar above the list."""
    total, at, parts = sum(counts.values()) or 1, 0.0, []
    for name, count in counts.items():
        width = 100 * count / total
        parts.append((name, count, round(at, 2), round(max(width - 0.6, 0.4), 2)))
        at += width
    return parts


@dataclass(frozen=True)
class ReadersSummary:
    """`mark` is None if the number is enough. `read_at` is set if the reading is too old."""

    mark: CheckMark | None
    text: str
    additional_text: str = ""
    read_at: datetime | None = None


def _build_readers_summary(holders: HolderCounts, account: str, now: datetime) -> ReadersSummary:
    """`account` is the owner's name."""
    roles = ngettext("%(n)d role", "%(n)d roles", holders.principals) % {"n": holders.principals}
    if holders.read_at is None:
        return ReadersSummary(CheckMark.NOT_KNOWN, _("Not known yet"))
    if is_reading_too_old(holders.read_at, now):
        return ReadersSummary(CheckMark.NOT_KNOWN, _("Not known"), roles, holders.read_at)
    if holders.open_to_iam:
        every = _("Every role of %(account)s that IAM allows") % {"account": account}
        return ReadersSummary(CheckMark.ATTENTION, every, _("and %(roles)s by permission") % {"roles": roles})
    return ReadersSummary(None, roles)


def build_readers_context(holders: HolderCounts, account: str, now: datetime) -> dict[str, object]:
    access_mark = CheckMark.NOT_KNOWN if is_reading_too_old(holders.read_at, now) else CheckMark.YES
    return {
        "readers": _build_readers_summary(holders, account, now),
        "access_mark": access_mark,
    }


@dataclass(frozen=True)
class Fact:
    """`note` says the promise or the source. `mark` stands before it with `word`, or with the note itself if that is empty. `anchor`
    is the section with more of it.
    """

    label: str
    value: str
    note: str = ""
    mark: CheckMark | None = None
    anchor: str = ""
    word: str = ""


def build_freshness_fact(freshness: ProductFreshness, now: datetime) -> Fact:
    """The age of the oldest table, with its promise and its source."""
    promised = describe_promise(freshness.promised_hours)
    note = _("promised: %(promise)s") % {"promise": promised} if promised else _("nothing promised")
    oldest = freshness.oldest
    if oldest is None or oldest.found is None:
        return Fact(_("Freshness"), _("Not known"), note, CheckMark.NOT_KNOWN)
    mark = MARKS.get(freshness.state)
    return Fact(
        _("Freshness"),
        describe_age(oldest.found.at, now),
        f"{note}, {describe_source(oldest.found.source)}",
        mark,
        "freshness",
        str(freshness.state.label) if mark else "",
    )


def _build_quality_fact(product: DataProduct, quality: QualityView) -> Fact:
    """The score against its promise, or what was promised before anything is measured."""
    if quality.score is not None:
        note = quality.promise_word if quality.promised else quality.counted
        note = _("%(note)s, by %(source)s") % {"note": note, "source": quality.sources}
        return Fact(
            _("Quality"), quality.percent, note, quality.mark, "quality", describe_kept(quality.keeps)
        )
    if quality.promised:
        return Fact(_("Quality"), _("Not measured"), quality.promise_word)
    promised = describe_percent(product.completeness_percent)
    note = (
        _("promised: %(promise)s of the expected rows") % {"promise": promised}
        if promised
        else _("nothing promised")
    )
    return Fact(_("Quality"), _("Not measured"), note)


def _build_use_fact(use: ProductUse) -> Fact:
    value = ngettext("%(n)d team", "%(n)d teams", use.team_count) % {"n": use.team_count}
    note = ngettext("with %(n)d active grant", "with %(n)d active grants", use.grant_count)
    return Fact(_("Used by"), value, note % {"n": use.grant_count})


def build_last_read_fact(read: LastRead) -> Fact:
    if read.at is not None:
        return Fact(_("Last read"), _describe_day(read.at), _("by CloudTrail"))
    if read.since is None:
        return Fact(_("Last read"), _("Not known"), _("no log files are read"), CheckMark.NOT_KNOWN)
    return Fact(
        _("Last read"), _("Never"), _("since %(day)s, by CloudTrail") % {"day": _describe_day(read.since)}
    )


def build_change_fact(newest: ChangeEntry | None) -> Fact | None:
    """By the newest version."""
    if newest is None:
        return None
    effect = _("May break queries") if newest.is_breaking else _("no breaking changes")
    mark = CheckMark.ATTENTION if newest.is_breaking else None
    return Fact(_("Newest version"), _describe_day(newest.at), f"{newest.version}, {effect}", mark, "changes")


def _describe_day(moment: datetime) -> str:
    return date_format(localtime(moment), _("j M Y"))
