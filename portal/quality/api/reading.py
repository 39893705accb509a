"""Quality of a product or table, and its results."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.browse.products import get_product
from catalog.browse.tables import get_table
from catalog.mirror.models import Table
from catalog.quality.models import QualityDimension, QualityResult, QualitySource
from catalog.quality.queries import (
    get_result,
    list_open_anomalies,
    list_results,
    list_rulesets,
    sees_rule_messages,
)
from catalog.quality.writer import compute_current_score, judge_promise
from identity.people.models import Person
from portal.api.endpoints import Endpoints
from portal.api.filters import ListFilters, by_choice
from portal.api.openapi import LIST, documented, listed
from portal.api.pagination import answer_list
from portal.api.references import refer_to
from portal.pages.request_time import get_request_time
from portal.pages.signed_in_person import get_signed_in_person
from portal.quality.api.shapes import (
    DataProductQualityOut,
    QualityAnomalyOut,
    QualityResultOut,
    ScoreOut,
    TableQualityOut,
    list_latest,
)

COMPLETENESS = QualityDimension.COMPLETENESS


class TableQualityResultFilters(ListFilters):
    source = by_choice("ruleset__source", QualitySource.values, "Where it comes from.")


class TableQualityView(APIView):
    @documented(
        "get_table_quality",
        "Get the quality of a table",
        TableQualityOut,
        description="The score is passed rules of evaluated rules, of the latest result per ruleset.",
    )
    def get(self, request: Request, pk: int) -> Response:
        person = get_signed_in_person(request)
        return Response(_build_table(request, person, get_table(person, pk)))


class DataProductQualityView(APIView):
    @documented(
        "get_data_product_quality",
        "Get the quality of a data product",
        DataProductQualityOut,
        description="The score of its tables together, against the score that it promises.",
    )
    def get(self, request: Request, slug: str) -> Response:
        person = get_signed_in_person(request)
        product = get_product(person, slug)
        rows = Table.objects.filter(product_tables__product=product, tombstoned_at=None)
        tables = list(rows.order_by("product_tables__position", "pk"))
        rulesets = list_rulesets([table.pk for table in tables])
        score, promised = compute_current_score(rulesets), product.quality_percent
        complete, promised_complete = (
            compute_current_score(rulesets, COMPLETENESS),
            product.completeness_percent,
        )
        now = get_request_time(request)
        return Response(
            {
                "data_product": refer_to(product, request),
                "score": ScoreOut(score).data if score else None,
                "promised_percent": None if promised is None else float(promised),
                "is_kept": judge_promise(rulesets, promised, now),
                "completeness": ScoreOut(complete).data if complete else None,
                "promised_completeness_percent": None
                if promised_complete is None
                else float(promised_complete),
                "is_completeness_kept": judge_promise(rulesets, promised_complete, now, COMPLETENESS),
                "tables": [_build_table(request, person, table) for table in tables],
            }
        )


def _build_table(request: Request, person: Person, table: Table) -> dict[str, Any]:
    rulesets = list_rulesets([table.pk])
    score = compute_current_score(rulesets)
    context = {"request": request, "shows_messages": sees_rule_messages(person, table)}
    return {
        "table": refer_to(table, request),
        "score": ScoreOut(score).data if score else None,
        "results": QualityResultOut(list_latest(rulesets), many=True, context=context).data,
        "anomalies": QualityAnomalyOut(list_open_anomalies([table.pk]), many=True).data,
    }


class TableQualityResultsView(APIView):
    @documented(
        "list_table_quality_results",
        "List the quality results of a table",
        listed(QualityResultOut),
        parameters=(*LIST, TableQualityResultFilters),
        description="Newest first.",
    )
    def get(self, request: Request, pk: int) -> Any:
        person = get_signed_in_person(request)
        table = get_table(person, pk)
        shown = sees_rule_messages(person, table)
        rows = TableQualityResultFilters.apply(list_results([table.pk]), request.query_params)
        order = ("-evaluated_at", "-pk")
        return answer_list(
            request, rows, QualityResultOut, order=order, context=lambda _rows: {"shows_messages": shown}
        )


def _get_message_context(request: Request, found: QualityResult) -> dict[str, Any]:
    assert found.ruleset.table is not None
    return {"shows_messages": sees_rule_messages(get_signed_in_person(request), found.ruleset.table)}


class QualityResultView(APIView):
    get = Endpoints(QualityResultOut, get_result, context=_get_message_context).read(
        "get_quality_result", "Get a quality result"
    )
