"""Every component with all its states, in both themes; the browser tests photograph it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from identity.accounts import Account, Principal
from identity.people.models import Person
from portal.charts.chart import Chart, ChartKind, ChartTone, Series, draw_sparkline
from portal.charts.scale import ChartUnit
from portal.pages.effects_diff import DiffAccount, DiffLine
from portal.pages.pagination import Pager
from portal.products.product_context import build_classification_shares
from portal.requests.presenters import TimelineStep
from requests_app.display_states.rules import GrantFacts, ItemFacts, get_grant_state, get_item_state
from requests_app.display_states.vocabulary import CheckMark, DisplayState, Lifecycle, State

SAMPLE_TIME = datetime(2026, 11, 20, 9, 14, 5, tzinfo=UTC)
SQL = "SELECT claim_id, claim_status\nFROM insurance_gold_596e094d.claims\nLIMIT 10;"
ACCOUNTS = [
    DiffAccount("111111111111", "Governance", "owner", (
        DiffLine("+", "add", "SELECT on insurance_gold.claims (3 columns) for bi-reporting", (("claim_id", "public"), ("claim_status", "public"), ("iban", "sensitive"))),
        DiffLine("", "same", "DESCRIBE on database insurance_gold for bi-reporting"),
    )),
    DiffAccount("333333333333", "BI Reporting", "consumer", (
        DiffLine("+", "add", "resource link insurance_gold_596e094d"),
        DiffLine("-", "remove", "resource link insurance_gold_old"),
    )),
]  # fmt: skip
STATES = [DisplayState(state) for state in State]
STATE_CASES = [
    get_item_state(ItemFacts("submitted", is_partly_approved=True)),
    get_item_state(ItemFacts("submitted", has_owner=False)),
    get_grant_state(GrantFacts("unknown", is_proven=False, failure="SELECT is gone; repairing it")),
    get_grant_state(GrantFacts("unknown", is_proven=False)),
    get_grant_state(GrantFacts("present", is_proven=True, is_reading_old=True)),
    get_grant_state(GrantFacts("present", is_proven=True)),
    get_grant_state(GrantFacts("present", is_proven=False, failure="AWS refused to grant")),
    get_grant_state(GrantFacts("absent", is_proven=True, has_ended=True, is_residual=True)),
]
MARKS = [
    (CheckMark.YES, "met"),
    (CheckMark.NO, "closed"),
    (CheckMark.ATTENTION, "close to the limit"),
    (CheckMark.FAILED, "refused"),
    (CheckMark.WORKING, "checking"),
    (CheckMark.NOT_KNOWN, "not known yet"),
]
BEATS = [
    TimelineStep(
        "Ana Keller requested 6 columns", "person", at=SAMPLE_TIME, detail="Quarterly reserve report"
    ),
    TimelineStep("Ines Roth approved it", "person", at=SAMPLE_TIME),
    TimelineStep(
        "Granted SELECT on insurance_gold.claims (policy_id, region and 9 more)",
        state=DisplayState(State.APPLYING),
        at=SAMPLE_TIME,
    ),
    TimelineStep(
        "Changed outside the portal",
        state=DisplayState(State.NEEDS_ATTENTION),
        at=SAMPLE_TIME,
        detail="SELECT was missing",
    ),
    TimelineStep("Refused", state=DisplayState(State.FAILED), at=SAMPLE_TIME, detail="AccessDeniedException"),
    TimelineStep(
        "Outcome not known", state=DisplayState(State.NOT_KNOWN), at=SAMPLE_TIME, detail="checking again"
    ),
    TimelineStep("Read back from AWS: present", state=DisplayState(State.ACTIVE), at=SAMPLE_TIME),
    TimelineStep("Read back from AWS: absent", state=DisplayState(State.ENDED), at=SAMPLE_TIME),
    TimelineStep("Access ends automatically", "end", at=SAMPLE_TIME, is_upcoming=True),
]
TONES = ["grey", "blue", "green", "amber", "red"]
WEEKS = tuple(f"week {number}" for number in range(36, 46))
CHARTS = {
    "requests": Chart(
        "requests", "Requests by outcome", "128 requests in ten weeks.", "Week", WEEKS,
        (
            Series("approved", (8, 6, 11, 9, 12, 7, 10, 14, 9, 11), ChartTone.GOOD),
            Series("changes requested", (2, 1, 0, 3, 1, 2, 1, 0, 2, 1), ChartTone.CAUTION),
            Series("rejected", (1, 2, 0, 1, 3, 2, 1, 2, 4, 2), ChartTone.BAD),
        ),
    ),
    "decision-time": Chart(
        "decision-time", "Time to a decision", "Half of the requests are decided within 5 hours.", "Week", WEEKS,
        (Series("median", (86400, 50000, 42000, None, 30000, 28000, 31000, 22000, 20000, 18000)),),
        ChartKind.LINE, ChartUnit.DURATION,
    ),
    "nothing": Chart(
        "nothing", "Drift", "No drift was found.", "Week", WEEKS, (Series("found", (0,) * 10),),
    ),
}  # fmt: skip


@login_not_required
@require_GET
def style_guide_page(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/styleguide.html", _build_samples())


def _build_samples() -> dict[str, Any]:
    account = Account(name="BI Reporting", account_id="333333333333")
    arn = "arn:aws:iam::333333333333:role/bi-reporting"
    return {
        "themes": ["light", "dark"],
        "states": STATES,
        "cases": STATE_CASES,
        "marks": MARKS,
        "lifecycles": list(Lifecycle),
        "tones": TONES,
        "beats": BEATS,
        "accounts": ACCOUNTS,
        "effects": {"not_granted": ["iban", "birth_date"], "side_effects": [], "warnings": [{"text": "columns added later are readable without another request"}]},
        "person_sample": Person(pk=1, name="Ana Keller", email="ana@bank.example"),
        "principal": Principal(account=account, name="bi-reporting", arn=arn),
        "shares": build_classification_shares({"public": 6, "private": 2, "sensitive": 3}),
        "charts": [
            {"theme": theme, "chart": replace(chart, key=f"{theme}-{key}")}
            for theme in ("light", "dark")
            for key, chart in CHARTS.items()
        ],
        "sparkline": draw_sparkline((4, 8, 6, 12, 11, 17), "98"),
        "sql": SQL,
        "long_text": "Amount of the settlement in the currency of the contract, as booked at the end of the day. " * 3,
        "parts": ["gov", "insurance_gold", "claims", "claim_status"],
        "pager": Pager(21, 40, 128, "?page=1", "?page=3"),
        "errors": ["The end date is in the past. Choose a later day."],
    }  # fmt: skip
