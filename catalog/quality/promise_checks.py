"""Compares the score of products with the score that they promise."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from catalog.products.models import DataProduct
from catalog.promises import PromiseBreach, PromiseKind, record_promise_state
from catalog.quality.models import QualityResult, QualityRuleset
from catalog.quality.results import MAX_RULES, RuleFact, count_rules
from catalog.quality.scores import Score, add_scores
from catalog.quality.states import HISTORY_AGE, NOT_PASSED, SETTLE_TIME, QualityDimension
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock

MAX_CAUSES = 3
MAX_RESULTS = 500
"""The newest that are looked at to find since when a promise has been broken."""


def check_promises_of_tables(tables: Collection[int], now: datetime) -> None:
    """Of all products that have one of the tables. Within the caller's transaction."""
    check_promises(set(DataProduct.objects.filter(tables__in=tables).values_list("pk", flat=True)), now)


def check_promises(products: Collection[int], now: datetime) -> None:
    """Of those that promise a score, or whose breach is open. Nothing is said while the score is unknown."""
    broken = PromiseBreach.objects.filter(kind=PromiseKind.QUALITY, ended_at=None).values("product")
    promising = Q(quality_percent__isnull=False) | Q(pk__in=broken)
    rows = DataProduct.objects.filter(promising, pk__in=list(products), retired_at=None)
    for product in rows.order_by("pk"):
        acquire_transaction_lock(AdvisoryLock.QUALITY_PROMISE, product.pk)
        _check(product, now)


def compute_current_score(
    rulesets: Collection[QualityRuleset], dimension: QualityDimension | None = None
) -> Score | None:
    """Of the latest results of the rulesets, or of their rules of one dimension; None without any."""
    latest = [row.latest for row in rulesets if row.latest]
    if dimension is None:
        return add_scores((one.passed, one.evaluated) for one in latest)
    rules = [RuleFact.from_json(data) for one in latest for data in one.rules]
    passed, evaluated = count_rules(rule for rule in rules if rule.dimension is dimension)
    return Score(passed, evaluated) if evaluated else None


def judge_promise(
    rulesets: Collection[QualityRuleset],
    promised: Decimal | None,
    now: datetime,
    dimension: QualityDimension | None = None,
) -> bool | None:
    """Whether the latest results keep the promised score, for pages and notifications alike; with `dimension`, whether its rules do.
    None without a promise or results, while a history is coming in, and for a dimension while rules of a result are not kept.
    """
    latest = [row.latest for row in rulesets if row.latest]
    score = compute_current_score(rulesets, dimension)
    if promised is None or score is None or any(_is_of_history(one, now) for one in latest):
        return None
    if dimension is not None and any(len(one.rules) >= MAX_RULES for one in latest):
        return None
    return score.keeps(promised)


def _is_of_history(result: QualityResult, now: datetime) -> bool:
    is_late = result.received_at - result.evaluated_at > HISTORY_AGE
    return is_late and now - result.received_at < SETTLE_TIME


def _check(product: DataProduct, now: datetime) -> None:
    rulesets = QualityRuleset.objects.filter(
        table__product_tables__product=product, table__tombstoned_at=None, latest__isnull=False
    )
    rows = list(rulesets.select_related("latest", "table").order_by("table__name", "pk"))
    score = add_scores((row.latest.passed, row.latest.evaluated) for row in rows if row.latest)
    promised = product.quality_percent
    keeps = judge_promise(rows, promised, now)
    if keeps is None and promised is not None:
        return
    record_promise_state(
        product=product,
        kind=PromiseKind.QUALITY,
        broken=keeps is False,
        promised=f"a score of at least {promised.normalize():f}%" if promised is not None else "",
        fact=_describe_fact(score),
        cause=", ".join(_list_causes(rows)),
        since=None if promised is None else _find_broken_since(rows, promised),
        now=now,
    )


def _find_broken_since(rulesets: Collection[QualityRuleset], promised: Decimal) -> datetime | None:
    """Since when the score has been below what is promised now: the time of the result that brought it there."""
    results = QualityResult.objects.filter(ruleset__in=[row.pk for row in rulesets]).order_by(
        "-evaluated_at", "-pk"
    )
    newest = list(results.values_list("ruleset", "passed", "evaluated", "evaluated_at")[:MAX_RESULTS])
    held: dict[int, tuple[int, int]] = {}
    since: datetime | None = None
    for ruleset, passed, evaluated, at in reversed(newest):
        held[ruleset] = passed, evaluated
        score = add_scores(held.values())
        since = None if score is None or score.keeps(promised) else since or at
    return since


def _describe_fact(score: Score | None) -> str:
    if score is None:
        return "no results"
    return f"a score of {score.percent.normalize():f}%, {score.passed} of {score.evaluated} rules passed"


def _list_causes(rulesets: Collection[QualityRuleset]) -> list[str]:
    """Names of the first rules that did not pass."""
    found = []
    for row in rulesets:
        rules = [RuleFact.from_json(data) for data in row.latest.rules] if row.latest else []
        found += [f"{row.table}: {rule.name}" for rule in rules if rule.outcome in NOT_PASSED]
    return found[:MAX_CAUSES]
