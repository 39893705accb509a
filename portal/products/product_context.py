"""What the page of a data product shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.browse.products import ProductPage
from catalog.derivation.evaluation import Subject, read_inputs
from catalog.derivation.may import sees_derivation
from catalog.discovery import may_request_product, may_set_discovery
from catalog.follows import Follow, get_following
from catalog.freshness import ProductFreshness, build_product_freshness
from catalog.glossary.queries import list_terms_of_product
from catalog.mirror.models import Table, load_column_facts
from catalog.mirror.queries import HolderCounts
from catalog.problems import may_report_problem
from catalog.products.models import DataProduct, Domain
from catalog.products.offers.queries import list_offering_domains
from catalog.promises import PromiseBreach, find_open_breaches
from catalog.questions import Question
from catalog.release_notes import ReleaseNote, may_write_release_note
from catalog.revisions.queries import get_draft, list_published_revisions, may_save_product_draft
from catalog.revisions.versions import get_current_version
from catalog.tag_changes.may import may_propose_tag_change
from catalog.usage.models import get_trail_readings
from catalog.usage.recording import LastRead, find_last_read
from fulfilment.observations.models import is_reading_too_old
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict
from portal.access.own_query import choose_own_query
from portal.derivation.presenters import build_derivation_section
from portal.freshness.presenters import MARKS, describe_age, describe_promise, describe_source
from portal.lineage.drawing import build_table_lineage_view
from portal.offers.presenters import build_offer_summaries
from portal.pages.own_requests import RequestNote, find_request_notes
from portal.pages.places import maintains_product
from portal.problems.presenters import ProblemRow
from portal.product_lifecycle.presenters import build_banner, takes_requests
from portal.products.changes import ChangeEntry, build_change_entries
from portal.products.columns import build_column_lists, find_readable_columns, list_proven_grants
from portal.products.details import (
    build_product_details,
    describe_percent,
    describe_support_hours,
    list_service_levels,
    list_similar_products,
)
from portal.products.discussion import build_discussion, list_shown_problems
from portal.products.tabs import ProductTab, build_tabs
from portal.products.usage_examples import build_example_query, build_usage_examples
from portal.quality.presenters import QualityView, build_quality_view, describe_kept, format_percent
from portal.usage.presenters import build_product_usage
from requests_app.display_states.vocabulary import CheckMark
from requests_app.grants.models import Grant
from requests_app.grants.product_use import ProductUse, count_product_uses
from requests_app.grants.queries import list_held_grants, select_queryable_grants
from requests_app.review.decision_history import describe_decision_time, get_decision_time
from requests_app.table_credentials.may import may_set_credential_limit
from requests_app.targets.may import may_receive_access

MAX_CHANGES = 3
MAX_OVERVIEW_COLUMNS = 20
"""Columns of its first table that the overview shows."""
MAX_SHOWN_OFFERS = 4


@dataclass(frozen=True)
class ProductReading:
    """What more than one part of the page needs. `inputs` are ids that a draft has instead of the product's own. `own_grants` are
    those by which the person's roles read rows of its tables just now. `problems` are the open ones and the last that were resolved.
    """

    person: Person
    page: ProductPage
    now: datetime
    inputs: Sequence[int] | None
    notes: Mapping[int, RequestNote]
    own_grants: Sequence[Grant]
    recipient_verdict: Verdict
    quality: QualityView
    freshness: ProductFreshness
    problems: Sequence[ProblemRow]
    breaches: Sequence[PromiseBreach]
    use: ProductUse

    @property
    def product(self) -> DataProduct:
        return self.page.row

    @cached_property
    def rows(self) -> list[Table]:
        return [table.row for table in self.page.tables]

    @property
    def is_draft(self) -> bool:
        return self.inputs is not None

    @property
    def open_problems(self) -> list[ProblemRow]:
        return [row for row in self.problems if row.problem.is_open]


def read_product(
    person: Person, page: ProductPage, now: datetime, inputs: Sequence[int] | None = None
) -> ProductReading:
    """Twelve queries, or thirteen."""
    product, rows = page.row, [table.row for table in page.tables]
    notes = find_request_notes(person, [row.pk for row in rows], now)
    breaches = find_open_breaches([product.pk]).get(product.pk, [])
    return ProductReading(
        person=person,
        page=page,
        now=now,
        inputs=inputs,
        notes=notes,
        own_grants=select_queryable_grants(list(list_held_grants(person, rows)), now),
        # Who has or has requested access has a role for it.
        recipient_verdict=ALLOWED if page.has_access or notes else may_receive_access(person),
        quality=build_quality_view(
            [row.pk for row in rows if row.tombstoned_at is None],
            now,
            promised=product.quality_percent,
            promised_completeness=product.completeness_percent,
        ),
        freshness=build_product_freshness(product, rows, now),
        problems=list_shown_problems(product, now),
        breaches=breaches,
        use=count_product_uses([product.pk], now)[product.pk],
    )


def build_frame_context(reading: ProductReading, tab: ProductTab) -> dict[str, Any]:
    """What all parts of the page show: its head, its tabs, and the rail of use."""
    person, page, product, now = reading.person, reading.page, reading.product, reading.now
    first = page.tables[0] if page.tables else None
    verdict = may_request_product(person, product)
    verdict = reading.recipient_verdict if verdict else verdict
    banner = build_banner(product, person, now)
    question_count = Question.objects.filter(product=product).count()
    open_count = len(reading.open_problems)
    load_column_facts(row for row in reading.rows if list_proven_grants(reading.own_grants, row))
    total_columns = sum(table.column_count for table in page.tables)
    numbers = {ProductTab.COLUMNS: total_columns, ProductTab.DISCUSSION: question_count + open_count}
    own_query = choose_own_query(reading.own_grants, reading.rows)
    return {
        "user": person,
        "page": page,
        "product": product,
        "draft": None,
        "tabs": build_tabs(product.slug, tab, numbers),
        "tab": tab,
        "terms": list_terms_of_product(product),
        "classification_shares": build_classification_shares(page.classification_counts),
        "total_columns": total_columns,
        "expected_wait": describe_decision_time(get_decision_time(page.domain.owner_team_id)),
        "grant_count": reading.use.grant_count,
        "details": build_product_details(person, product, reading.inputs),
        "support_hours": describe_support_hours(product),
        "is_maintained": maintains_product(person, product),
        "request_verdict": verdict,
        "recipient_verdict": reading.recipient_verdict,
        "banner": banner,
        "takes_requests": takes_requests(banner),
        "request_note": max(reading.notes.values(), key=lambda note: note.request_id, default=None),
        "own_query": own_query,
        "example_query": None if own_query or not first else build_example_query(first),
        "readable_columns": sum(len(find_readable_columns(reading.own_grants, one)) for one in page.tables),
        "trust": build_trust_line(reading),
        "version": get_current_version(product),
        **_build_rights_context(reading),
        **build_readers_context(page.holders, first.row.database.catalog.account.name if first else "", now),
        "mirrored_at": max((table.row.mirrored_at for table in page.tables), default=None),
    }


def _build_rights_context(reading: ProductReading) -> dict[str, Any]:
    """What the person may do with the product."""
    person, page, product = reading.person, reading.page, reading.product
    return {
        "may_edit": bool(may_save_product_draft(person, product)),
        "may_set_discovery": bool(may_set_discovery(person, product)),
        "may_limit_credentials": bool(may_set_credential_limit(person, product)),
        "may_change_tags": bool(page.tables) and may_change_tags(person, page.domain),
        "may_make_offers": bool(list_offering_domains(person, product, reading.rows)),
        "may_write_release_note": bool(may_write_release_note(person, product)),
        "may_report": bool(may_report_problem(person, product)),
        "following": get_following(person, Follow.objects.filter(product=product)),
        "has_draft": get_draft(product) is not None,
    }


def build_overview_context(reading: ProductReading) -> dict[str, Any]:
    person, page, product, now = reading.person, reading.page, reading.product, reading.now
    first, offers = page.tables[:1], build_offer_summaries(product, reading.rows)
    readings = get_trail_readings({row.database.catalog_id for row in reading.rows})
    lists = build_column_lists(
        first, reading.own_grants, most=MAX_OVERVIEW_COLUMNS, problems=reading.problems
    )
    notes = ReleaseNote.objects.filter(product=product).select_related("written_by").order_by("-pk")
    changes = build_change_entries(
        list_published_revisions(product)[:MAX_CHANGES], notes[:MAX_CHANGES], counts_notified=False
    )
    newest = next((change for change in changes if change.note is None), None)
    verdict = may_request_product(person, product) and reading.recipient_verdict
    shows_links = bool(verdict) and takes_requests(build_banner(product, person, now))
    facts = [
        build_freshness_fact(reading.freshness, now),
        build_quality_fact(product, reading.quality),
        _build_use_fact(reading.use),
        build_last_read_fact(find_last_read(reading.rows, readings)),
        build_change_fact(newest),
    ]
    columns = lists[first[0].pk] if first else None
    return {
        "facts": [fact for fact in facts if fact],
        "first_table": first[0] if first else None,
        "other_tables": page.tables[1:],
        "columns": columns,
        "report_product": None if reading.is_draft else product,
        "offers": [offer if shows_links else replace(offer, request_links=()) for offer in offers],
        "quality": reading.quality,
        "changes": changes[:MAX_CHANGES],
        "lineage": build_table_lineage_view(person, first[0].row) if first else None,
        "usage": None
        if reading.is_draft
        else build_product_usage(person, product, reading.rows, readings, now),
        "examples": build_usage_examples(product, page.tables, reading.own_grants)
        if reading.is_draft
        else [],
        "service_levels": list_service_levels(product, reading.quality, reading.freshness)
        if reading.is_draft
        else [],
        # Whoever maintains it is warned where its terms or classes do not follow from its inputs.
        "derivation": build_derivation_section(person, _build_subject(reading), now)
        if reading.is_draft or sees_derivation(person, product)
        else None,
        "discussion": build_discussion(person, product, reading.problems),
        "similar_products": []
        if reading.is_draft
        else list_similar_products(
            person,
            product,
            [table.name for table in page.tables]
            + [row.row.name for row in (columns.rows if columns else ())],
        ),
    }


def _build_subject(reading: ProductReading) -> Subject:
    """One query for the product's own inputs, none for those of a draft."""
    inputs = read_inputs(reading.product) if reading.inputs is None else reading.inputs
    return Subject(reading.product, tuple(row.pk for row in reading.rows), tuple(inputs))


def may_change_tags(person: Person, domain: Domain | None) -> bool:
    teams = [domain.owner_team_id] if domain else []
    return bool(may_propose_tag_change(person, teams, defines=False))


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
        "quality",
        str(freshness.state.label) if mark else "",
    )


def build_quality_fact(product: DataProduct, quality: QualityView) -> Fact:
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


@dataclass(frozen=True)
class TrustItem:
    """A promise with the value that was found, or an open problem. `begun`: since when it is broken, or was reported. `note` says
    who works on it. `is_foreign`: the text is not the portal's.
    """

    text: str
    mark: CheckMark
    word: str
    url: str
    begun: datetime | None = None
    note: str = ""
    is_foreign: bool = False


@dataclass(frozen=True)
class TrustLine:
    """Whether the product keeps its promises, and which problems are open, the worst first."""

    summary: str
    mark: CheckMark
    items: Sequence[TrustItem]


def build_trust_line(reading: ProductReading) -> TrustLine:
    """No query."""
    promises = _list_promise_items(reading)
    problems = [
        TrustItem(
            row.problem.title,
            CheckMark.ATTENTION,
            _("open problem"),
            reverse("problem", args=[row.problem.pk]),
            row.problem.reported_at,
            _describe_work(row),
            is_foreign=True,
        )
        for row in reading.open_problems
    ]
    order = [CheckMark.FAILED, CheckMark.ATTENTION, CheckMark.NOT_KNOWN, CheckMark.YES]
    items = sorted([*promises, *problems], key=lambda item: order.index(item.mark))
    broken = sum(item.mark == CheckMark.FAILED for item in promises)
    if not promises:
        kept = _("It promises nothing that is measured.")
    elif broken:
        words = {"broken": broken, "n": len(promises)}
        kept = ngettext(
            "It breaks %(broken)d of %(n)d promise.", "It breaks %(broken)d of %(n)d promises.", len(promises)
        )
        kept = kept % words
    else:
        kept = _("It breaks no promise that is measured.")
    opened = ngettext("%(n)d problem is open.", "%(n)d problems are open.", len(problems)) % {
        "n": len(problems)
    }
    summary = f"{kept} {opened if problems else _('No problem is open.')}"
    return TrustLine(summary, items[0].mark if items else CheckMark.NOT_KNOWN, items)


def _list_promise_items(reading: ProductReading) -> list[TrustItem]:
    """Each promise that is compared with facts, as its fact says it; of one that is no longer promised, a breach that is open."""
    product, quality, now = reading.product, reading.quality, reading.now
    facts = {}
    if reading.freshness.promised_hours is not None:
        facts["freshness"] = build_freshness_fact(reading.freshness, now)
    if product.quality_percent is not None:
        facts["quality"] = build_quality_fact(product, quality)
    if (check := quality.completeness) is not None:
        value = format_percent(check.score.percent) if check.score else _("Not measured")
        label, word = _("Completeness"), describe_kept(check.keeps)
        facts["completeness"] = Fact(label, value, check.promise_word, check.mark, word=word)
    page = reverse("data-product-quality", args=[product.slug])
    begun = {one.kind: one for one in reading.breaches}
    items = [
        TrustItem(
            _("%(name)s: %(value)s, %(note)s") % {"name": fact.label, "value": fact.value, "note": fact.note},
            fact.mark or CheckMark.NOT_KNOWN,
            fact.word or _("not known"),
            f"{page}#{'freshness' if kind == 'freshness' else 'quality'}",
            begun[kind].began_at if kind in begun else None,
        )
        for kind, fact in facts.items()
    ]
    return items + [
        TrustItem(
            _("%(name)s: %(value)s, %(note)s")
            % {
                "name": breach.get_kind_display(),
                "value": breach.fact,
                "note": _("promised: %(promise)s") % {"promise": breach.promised},
            },
            CheckMark.FAILED,
            _("broken"),
            f"{page}#promises",
            breach.began_at,
        )
        for kind, breach in begun.items()
        if kind not in facts
    ]


def _describe_work(row: ProblemRow) -> str:
    if row.problem.acknowledged_by is None:
        return row.answer
    work = _("%(name)s is working on it.") % {"name": row.problem.acknowledged_by.name}
    if row.problem.expected_on is None:
        return work
    day = date_format(row.problem.expected_on, _("j M Y"))
    return f"{work} {_('Expected to be resolved on %(day)s.') % {'day': day}}"
