"""What the table of a person's own products shows of each: promises, open work, use, draft and the next step."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.freshness import ProductFreshness, build_freshness_of_products, map_product_tables
from catalog.mirror.models import Table
from catalog.problems import OPEN_PROBLEM_STATES, Problem
from catalog.product_usage.costs import list_daily_reads
from catalog.products.models import DataProduct, ProductLifecycle
from catalog.products.offers.queries import filter_offered_products
from catalog.promises import PromiseBreach, find_open_breaches
from catalog.publication_rules.rules import RuleResult
from catalog.quality.models import Score
from catalog.quality.queries import list_rulesets
from catalog.quality.writer import compute_current_score, judge_promise
from catalog.questions import list_unanswered_questions
from catalog.revisions.models import ProductRevision
from catalog.revisions.queries import find_drafts
from catalog.revisions.rule_results import check_drafts
from catalog.revisions.versions import find_current_versions
from identity.people.models import Person
from kernel.durations import format_duration
from portal.charts.chart import Sparkline, draw_sparkline
from portal.freshness.presenters import MARKS, describe_promise
from portal.quality.presenters import describe_kept, format_percent, mark_kept
from requests_app.display_states.vocabulary import CheckMark
from requests_app.grants.product_use import ProductUse, count_product_uses

READ_DAYS = 30
MAX_RULESETS = 2000
"""Of the products of one page."""


@dataclass(frozen=True)
class PromiseMark:
    """A measured value beside its promise. `mark` is None where nothing is promised; `word` says in words what it shows."""

    value: str
    mark: CheckMark | None
    word: str
    promise: str
    since: datetime | None = None

    @property
    def is_broken(self) -> bool:
        return self.mark == CheckMark.FAILED


@dataclass(frozen=True)
class NextStep:
    text: str
    url: str
    is_urgent: bool = False


@dataclass(frozen=True)
class ProductRow:
    """`rules` are those of its draft; None without one. `reads` is None where no read is known."""

    product: DataProduct
    version: str
    freshness: PromiseMark
    quality: PromiseMark
    use: ProductUse
    reads: Sparkline | None
    problem_count: int
    question_count: int
    draft: ProductRevision | None
    rules: Sequence[RuleResult] | None
    may_offer: bool
    table_count: int

    @property
    def unmet_count(self) -> int:
        return sum(not rule.is_met for rule in self.rules or ())

    @property
    def next_step(self) -> NextStep | None:
        """The most urgent thing to do; None if there is nothing."""
        return next(iter(list_next_steps(self)), None)


def list_next_steps(row: ProductRow) -> list[NextStep]:
    """In the order in which they are to be done."""
    product, slug = row.product, row.product.slug
    problems, questions, requests = row.problem_count, row.question_count, row.use.open_count
    problem_text = ngettext("Answer %(n)d problem", "Answer %(n)d problems", problems) % {"n": problems}
    request_text = ngettext("Review %(n)d request", "Review %(n)d requests", requests) % {"n": requests}
    question_text = ngettext("Answer %(n)d question", "Answer %(n)d questions", questions) % {"n": questions}
    rule_text = ngettext("Meet %(n)d rule", "Meet %(n)d rules", row.unmet_count) % {"n": row.unmet_count}
    page, editor = reverse("data-product", args=[slug]), reverse("data-product-edit", args=[slug])
    problem_url = f"{reverse('problems')}?data_product={slug}"
    needs_retirement = product.lifecycle == ProductLifecycle.DEPRECATED and product.retires_at is None
    steps = (
        (row.freshness.is_broken, NextStep(_("Mend a promise"), f"{page}#freshness", is_urgent=True)),
        (row.quality.is_broken, NextStep(_("Mend a promise"), f"{page}#quality", is_urgent=True)),
        (problems, NextStep(problem_text, problem_url, is_urgent=True)),
        (requests, NextStep(request_text, f"{reverse('reviews')}?product={slug}")),
        (questions, NextStep(question_text, reverse("data-product-questions", args=[slug]))),
        (row.draft is None and not product.is_published, NextStep(_("Write the draft"), editor)),
        (row.unmet_count, NextStep(rule_text, editor)),
        (row.draft, NextStep(_("Publish the draft"), reverse("data-product-draft", args=[slug]))),
        (
            needs_retirement,
            NextStep(_("Schedule its retirement"), reverse("data-product-lifecycle", args=[slug])),
        ),
    )
    return [step for is_due, step in steps if is_due and product.retired_at is None]


def build_product_rows(person: Person, products: Sequence[DataProduct], now: datetime) -> list[ProductRow]:
    """For a person who maintains them. The same queries for any number of products."""
    ids, today = [product.pk for product in products], localdate(now)
    drafts = find_drafts(products)
    rules = check_drafts(
        person, {product: drafts[product.pk] for product in products if product.pk in drafts}, now
    )
    tables = map_product_tables(products)
    draft_tables = {
        product.pk: len(drafts[product.pk].content.get("tables", ()))
        for product in products
        if product.pk in drafts and not product.is_published
    }
    promises = {row.product.pk: row for row in build_promises(products, tables, now)}
    problems = _count(Problem.objects.filter(product__in=ids, state__in=OPEN_PROBLEM_STATES))
    questions = _count(list_unanswered_questions(ids))
    since = today - timedelta(days=READ_DAYS - 1)
    reads, uses = list_daily_reads(ids, since, today), count_product_uses(ids, now)
    versions, offered = find_current_versions(products), filter_offered_products(person, products)
    return [
        ProductRow(
            product=product,
            version=versions[product.pk],
            freshness=promises[product.pk].freshness,
            quality=promises[product.pk].quality,
            use=uses[product.pk],
            reads=draw_sparkline(counts, str(sum(counts))) if (counts := reads.get(product.pk)) else None,
            problem_count=problems.get(product.pk, 0),
            question_count=questions.get(product.pk, 0),
            draft=drafts.get(product.pk),
            rules=rules.get(product.pk),
            may_offer=product.pk in offered,
            table_count=draft_tables.get(product.pk, len(tables[product.pk])),
        )
        for product in products
    ]


@dataclass(frozen=True)
class ProductPromises:
    product: DataProduct
    freshness: PromiseMark
    quality: PromiseMark


def build_promises(
    products: Sequence[DataProduct], tables: Mapping[int, Sequence[Table]], now: datetime
) -> list[ProductPromises]:
    """`tables` are those of the products, by their ids. The same queries for any number of products."""
    freshness = build_freshness_of_products({product: tables[product.pk] for product in products}, now)
    quality = judge_quality(products, tables, now)
    breaches = {
        (pk, breach.kind): breach
        for pk, rows in find_open_breaches([product.pk for product in products]).items()
        for breach in rows
    }
    return [
        ProductPromises(
            product,
            build_freshness_mark(freshness[product.pk], breaches.get((product.pk, "freshness")), now),
            build_quality_mark(product, *quality[product.pk], breaches.get((product.pk, "quality"))),
        )
        for product in products
    ]


def _count(rows: QuerySet[Any]) -> dict[int, int]:
    return dict(rows.order_by().values_list("product").annotate(Count("pk")))


def judge_quality(
    products: Sequence[DataProduct], tables: Mapping[int, Sequence[Table]], now: datetime
) -> dict[int, tuple[Score | None, bool | None]]:
    """The score, and whether it keeps the promise, as the product's page has them."""
    rulesets = defaultdict(list)
    for ruleset in list_rulesets({table.pk for rows in tables.values() for table in rows}, MAX_RULESETS):
        rulesets[ruleset.table_id].append(ruleset)
    judged = {}
    for product in products:
        own = [ruleset for table in tables[product.pk] for ruleset in rulesets[table.pk]]
        judged[product.pk] = (
            compute_current_score(own), judge_promise(own, product.quality_percent, now)
        )  # fmt: skip
    return judged


def build_freshness_mark(
    freshness: ProductFreshness, breach: PromiseBreach | None, now: datetime
) -> PromiseMark:
    oldest, promise = freshness.oldest, describe_promise(freshness.promised_hours)
    since = breach.began_at if breach else None
    if oldest is None or oldest.found is None:
        return PromiseMark("", CheckMark.NOT_KNOWN if promise else None, "", promise, since)
    age = format_duration(max(now - oldest.found.at, timedelta()))
    return PromiseMark(age, MARKS.get(freshness.state), str(freshness.state.label), promise, since)


def build_quality_mark(
    product: DataProduct, score: Score | None, keeps: bool | None, breach: PromiseBreach | None  # noqa: FBT001
) -> PromiseMark:  # fmt: skip
    promise = format_percent(product.quality_percent) if product.quality_percent is not None else ""
    since = breach.began_at if breach else None
    if score is None:
        return PromiseMark("", CheckMark.NOT_KNOWN if promise else None, "", promise, since)
    return PromiseMark(format_percent(score.percent), mark_kept(keeps), describe_kept(keeps), promise, since)
