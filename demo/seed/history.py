"""Ninety days of requests, decisions and ends, each through its action, with the time at which it happened.

May run again: a request is known by its submission key, and what was decided is not decided anew.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from audit.actions import record_event
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct
from demo.seed.people import find_person
from identity.accounts import Principal
from identity.people.models import Person
from kernel.clock import now as database_now
from requests_app.access_requests.models import RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.grants.actions import expire_grant, revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.review.actions import approve_item, reject_item
from requests_app.review.may import list_deciders
from requests_app.review.terms import compute_item_approval_hash
from requests_app.submission.actions import submit_access_request, withdraw_item
from requests_app.targets.recipients import Recipient
from requests_app.targets.requested_item import RequestedItem

SEED = 20_260_101
HistoryAction = Callable[[datetime], object]
Outcome = Literal["live", "expired", "revoked", "rejected", "withdrawn", "waiting"]


@dataclass(frozen=True)
class HistoryRow:
    """`days_ago` it was requested; approved for `duration_days`, counted from then (live: counted from now).

    `column_count` 0 requests every column that is not sensitive, n requests n; `comment`: why somebody
    rejected or revoked.
    """

    days_ago: int
    requester: str
    role: str
    table: str
    product: str
    outcome: Outcome
    duration_days: int
    column_count: int
    purpose: str
    comment: str = ""


@dataclass
class _RequestHistory:
    """One request on its way: when each thing happens, and the item once it exists."""

    key: str
    row: HistoryRow
    submitted_at: datetime
    decided_at: datetime
    ended_at: datetime
    ends_at: datetime
    random: random.Random
    item: RequestItem | None = field(default=None)

    def events(self) -> list[tuple[datetime, HistoryAction]]:
        """The actions of this request in order. Chance is used up when it is told, not when it is run."""
        decide: dict[str, HistoryAction] = {"rejected": self._reject, "withdrawn": self._withdraw}
        events: list[tuple[datetime, HistoryAction]] = [(self.submitted_at, self._submit)]
        if self.row.outcome != "waiting":
            events.append((self.decided_at, decide.get(self.row.outcome, self._approve)))
        if self.row.outcome in {"revoked", "expired"}:
            events.append((self.ended_at, self._revoke if self.row.outcome == "revoked" else self._expire))
        return events

    def _submit(self, now: datetime) -> None:
        who = find_person(self.row.requester)
        request_item = RequestItem.objects.filter(
            request__requester=who, request__idempotency_key=self.key
        ).first()
        self.item = request_item or self._submit_new(who, now)

    def _submit_new(self, who: Person, now: datetime) -> RequestItem:
        roles = Principal.objects.select_related("account__team").filter(account__team__members=who)
        principal = roles.distinct().get(name=self.row.role, gone_at=None)
        table = _find_table(self.row.table)
        product = DataProduct.objects.filter(slug=self.row.product).first()
        request = submit_access_request(
            acting_user=who,
            details=Recipient(principal).build_details({"purpose": self.row.purpose}, self.ends_at),
            items=[
                RequestedItem(table.pk, self._choose_columns(table), False, product.pk if product else None)
            ],
            idempotency_key=self.key,
            now=now,
        )
        return request.items.get()

    def _choose_columns(self, table: Table) -> tuple[str, ...]:
        rows = Column.objects.filter(table=table).exclude(classification="sensitive")
        plain = [column.name for column in rows.order_by("position")]
        chosen = set(self.random.sample(plain, min(self.row.column_count or len(plain), len(plain))))
        return tuple(name for name in plain if name in chosen)

    def _get_waiting_item(self) -> RequestItem | None:
        """The item, if nobody has decided on it yet."""
        assert self.item is not None
        item = RequestItem.objects.get(pk=self.item.pk)
        return item if item.state == ItemState.SUBMITTED else None

    def _get_live_grant(self) -> Grant | None:
        return Grant.objects.filter(item=self.item, state=GrantState.LIVE).first()

    def _approve(self, now: datetime) -> None:
        if item := self._get_waiting_item():
            grant = approve_item(
                acting_user=_choose_decider(item),
                item_id=item.pk,
                effects_hash=compute_item_approval_hash(item),
                comment=self.row.comment if self.row.outcome == "live" else "",
                now=now,
            )
            if grant:
                _record_proof(grant, now + timedelta(minutes=self.random.randint(2, 9)))

    def _reject(self, now: datetime) -> None:
        if item := self._get_waiting_item():
            reject_item(acting_user=_choose_decider(item), item_id=item.pk, comment=self.row.comment, now=now)

    def _withdraw(self, now: datetime) -> None:
        if item := self._get_waiting_item():
            withdraw_item(acting_user=item.requester, item_id=item.pk, now=now)

    def _revoke(self, now: datetime) -> None:
        if grant := self._get_live_grant():
            revoke_grant(
                acting_user=_choose_decider(grant.item), grant_id=grant.pk, reason=self.row.comment, now=now
            )

    def _expire(self, now: datetime) -> None:
        if grant := self._get_live_grant():
            expire_grant(grant_id=grant.pk, now=max(now, grant.ends_at))


def _record_proof(grant: Grant, now: datetime) -> None:
    """As the engine of those days recorded it: what it proves today is a later proof."""
    data = {"intent": grant.intent_id, "round": None, "reason": ""}
    record_event(
        verb="proved_present", actor="engine:history", subject=grant.intent.subject, data=data, now=now
    )


def seed_history() -> int:
    """Tell the ninety days before now, event by event in the order of time; returns how many requests."""
    now, picks, told = database_now(), random.Random(SEED), _list_finished_keys()
    stories = [_build_history(number, ask, now, picks) for number, ask in enumerate(HISTORY, start=1)]
    events = [event for story in stories if story.key not in told for event in story.events()]
    for at, verb in sorted(events, key=lambda event: event[0]):
        verb(at)
    return len(stories)


def _list_finished_keys() -> frozenset[str]:
    """Keys of the stories that came to their end, or that a person has taken further since."""
    ends = {_idempotency_key(number): ask.outcome for number, ask in enumerate(HISTORY, start=1)}
    request_items = RequestItem.objects.filter(request__idempotency_key__in=ends)
    rows = request_items.values_list("request__idempotency_key", "state", "grant__state")
    return frozenset(
        key
        for key, item, grant in rows
        if (item != ItemState.SUBMITTED or ends[key] == "waiting")
        and not (grant == GrantState.LIVE and ends[key] in {"revoked", "expired"})
    )


def _idempotency_key(number: int) -> str:
    return f"history-{number:02}"


def _build_history(number: int, ask: HistoryRow, now: datetime, picks: random.Random) -> _RequestHistory:
    asked = min(_pick_office_hour(now - timedelta(days=ask.days_ago), picks), now - timedelta(hours=6))
    decided = _pick_later(asked, picks.choice((1, 1, 2, 3)), now, picks)
    ends = (now if ask.outcome in {"live", "waiting"} else asked) + timedelta(days=ask.duration_days)
    ends = ends.replace(hour=23, minute=59, second=0, microsecond=0)
    held = (min(now, ends) - decided).days
    revoked = _pick_later(decided, int(held * picks.uniform(0.3, 0.8)), now, picks)
    return _RequestHistory(
        key=_idempotency_key(number),
        row=ask,
        submitted_at=asked,
        decided_at=decided,
        ended_at=revoked if ask.outcome == "revoked" else ends + timedelta(seconds=2),
        ends_at=ends,
        random=random.Random(SEED + number),
    )


def _pick_later(moment: datetime, days: int, now: datetime, picks: random.Random) -> datetime:
    """Office hours some days later, yet after `moment` and before now."""
    at = max(_pick_office_hour(moment + timedelta(days=days), picks), moment + timedelta(hours=1))
    return min(at, now - timedelta(minutes=30))


def _pick_office_hour(day: datetime, picks: random.Random) -> datetime:
    """Some minute of office hours on that day, or on the Friday before a weekend."""
    back = max(0, day.weekday() - 4)
    hour, minute = picks.randint(8, 16), picks.randint(0, 59)
    return (day - timedelta(days=back)).replace(hour=hour, minute=minute)


def _choose_decider(item: RequestItem) -> Person:
    """The data owner of the product when they may decide, else the first who may."""
    may = list(list_deciders(item))
    owner = item.product.owner if item.product else None
    return owner if owner in may and owner else may[0]


def _find_table(path: str) -> Table:
    database, name = path.split(".")
    return Table.objects.get(name=name, database__name=database, tombstoned_at=None)


ANA, TOM = ("ana.keller", "bi-reporting"), ("tom.brandt", "bi-analyst")
PRIYA, FELIX = ("priya.nair", "ml-training"), ("felix.baum", "sandbox-notebook")
HELENA, NINA = ("helena.vogt", "executive-dashboard"), ("nina.falk", "treasury-risk")
MIRA = ("mira.okafor@actuary-partners.example", "actuary-modelling")
INSURANCE, CARDS = "insurance_gold", "credit_cards_gold"
INVESTMENTS, RETAIL, TREASURY = "investments_gold", "retail_banking_gold", "treasury_gold"
HISTORY: tuple[HistoryRow, ...] = (
    HistoryRow(89, *ANA, f"{INSURANCE}.premium_income", "premium-income", "expired", 45, 0, "Half-year report to the supervisory board"),
    HistoryRow(88, *PRIYA, f"{CARDS}.fraud_scores", "fraud-scores", "expired", 30, 6, "First features for the new fraud model"),
    HistoryRow(87, *HELENA, f"{RETAIL}.branch_performance", "branch-performance", "expired", 28, 0, "Branch review with the regional heads"),
    HistoryRow(85, *NINA, f"{RETAIL}.mortgage_book", "mortgage-book", "revoked", 120, 5, "Funding plan for fixed-rate mortgages", "The plan moved to the aggregated table; thank you for telling us."),
    HistoryRow(83, *TOM, f"{RETAIL}.customer_360", "customer-360", "rejected", 60, 0, "Customer overview for the new dashboard", "A dashboard needs no single customers. Please ask for segment, region and tenure."),
    HistoryRow(81, *TOM, f"{RETAIL}.customer_360", "customer-360", "expired", 40, 4, "Customer overview by segment and region, no persons"),
    HistoryRow(79, *MIRA, f"{INSURANCE}.policies", "policies", "expired", 35, 5, "Reserve review for the half-year statement"),
    HistoryRow(77, *FELIX, f"{CARDS}.card_spend", "card-spend", "expired", 14, 5, "Trial of a spending forecast in the sandbox"),
    HistoryRow(75, *ANA, f"{CARDS}.card_spend", "card-spend", "expired", 60, 6, "Monthly spend report, third quarter"),
    HistoryRow(73, *HELENA, f"{INVESTMENTS}.portfolio_performance", "portfolio-performance", "withdrawn", 60, 0, "Figures for the annual meeting"),
    HistoryRow(71, *PRIYA, f"{RETAIL}.account_balances", "account-balances", "revoked", 90, 4, "Cash flow forecast, first attempt", "Training data was copied to a notebook outside the agreed account."),
    HistoryRow(69, *NINA, f"{INVESTMENTS}.client_positions", "client-positions", "rejected", 90, 0, "Concentration risk of large clients", "We will publish concentration by issuer instead. No client data for risk limits."),
    HistoryRow(66, *MIRA, f"{INSURANCE}.life_expectancy", "life-expectancy", "rejected", 180, 0, "Longevity study for annuity pricing", "The contract with Actuary Partners was not signed yet. Please ask again in October."),
    HistoryRow(64, *TOM, f"{INVESTMENTS}.fund_catalog", "funds-on-offer", "expired", 30, 0, "Fund fact sheets for the web team"),
    HistoryRow(62, *ANA, f"{INSURANCE}.claims", "claims", "expired", 50, 6, "Loss ratio by claim type, third quarter"),
    HistoryRow(60, *FELIX, f"{INVESTMENTS}.esg_scores", "funds-on-offer", "expired", 21, 0, "Does sustainability explain returns? A weekend study"),
    HistoryRow(58, *HELENA, f"{CARDS}.merchant_summary", "merchants", "expired", 30, 0, "Partner talks with the largest merchants"),
    HistoryRow(56, *NINA, f"{RETAIL}.account_balances", "account-balances", "live", 120, 4, "Deposit stability for the liquidity plan"),
    HistoryRow(54, *PRIYA, f"{CARDS}.fraud_scores", "fraud-scores", "live", 90, 7, "Training of the fraud model f9, approved by the model board"),
    HistoryRow(51, *TOM, f"{CARDS}.card_accounts", "", "rejected", 60, 0, "Limits and utilisation by product", "Not published yet, and it holds card numbers. The spend product has what you need."),
    HistoryRow(49, *ANA, f"{INSURANCE}.premium_income", "premium-income", "live", 150, 0, "Monthly premium report to the board"),
    HistoryRow(47, *MIRA, f"{INSURANCE}.claims", "claims", "revoked", 60, 5, "Reserve study for the disability portfolio", "The study ended earlier than planned."),
    HistoryRow(45, *HELENA, f"{TREASURY}.liquidity_coverage", "liquidity-coverage", "live", 200, 0, "Liquidity line on the board's dashboard"),
    HistoryRow(43, *PRIYA, f"{RETAIL}.customer_360", "customer-360", "live", 60, 5, "Churn model by segment; no names, no contact details"),
    HistoryRow(40, *NINA, f"{INVESTMENTS}.trade_ledger", "trades", "withdrawn", 60, 4, "Settlement peaks and intraday liquidity"),
    HistoryRow(38, *TOM, f"{INVESTMENTS}.portfolio_performance", "portfolio-performance", "live", 75, 0, "Quarterly letters, figures checked twice"),
    HistoryRow(36, *ANA, f"{CARDS}.card_spend", "card-spend", "live", 100, 6, "Monthly spend report, fourth quarter"),
    HistoryRow(33, *FELIX, f"{RETAIL}.mortgage_book", "mortgage-book", "revoked", 45, 4, "Prepayment model in the sandbox", "Sandbox accounts are for synthetic data from now on."),
    HistoryRow(31, *HELENA, f"{INSURANCE}.premium_income", "premium-income", "live", 160, 0, "Premium line on the board's dashboard"),
    HistoryRow(29, *MIRA, f"{CARDS}.merchant_summary", "merchants", "withdrawn", 30, 0, "Benchmark of travel merchants"),
    HistoryRow(27, *TOM, f"{INSURANCE}.claims", "claims", "live", 45, 5, "Handling times for the service report"),
    HistoryRow(24, *PRIYA, f"{INVESTMENTS}.client_positions", "client-positions", "rejected", 90, 0, "Recommendation of funds to wealth clients", "Consent of the clients is missing. Legal is on it; please ask again after their note."),
    HistoryRow(22, *NINA, "investments_silver.market_prices", "market-prices", "live", 180, 0, "Valuation of the liquidity buffer"),
    HistoryRow(20, *HELENA, f"{RETAIL}.branch_performance", "branch-performance", "live", 90, 0, "Branch line on the board's dashboard"),
    HistoryRow(17, *ANA, f"{RETAIL}.branch_performance", "branch-performance", "revoked", 60, 0, "Comparison of branch costs", "Asked for in error; the executive office reports this."),
    HistoryRow(14, *TOM, f"{CARDS}.merchant_summary", "merchants", "live", 120, 0, "Merchant turnover in the regional report"),
    HistoryRow(9, *FELIX, f"{INSURANCE}.claims", "claims", "rejected", 30, 0, "Claims triage prototype", "Please build the prototype on synthetic claims first; Emre can give you a set."),
    HistoryRow(3, *NINA, f"{CARDS}.card_spend", "card-spend", "waiting", 90, 5, "Seasonal cash needs of card settlement"),
    HistoryRow(2, *HELENA, f"{INSURANCE}.claims", "claims", "waiting", 180, 4, "Claims line on the board's dashboard"),
    HistoryRow(1, *PRIYA, f"{RETAIL}.mortgage_book", "mortgage-book", "waiting", 120, 6, "Early warning of arrears, with credit risk"),
    HistoryRow(4, *MIRA, f"{INSURANCE}.policies", "policies", "waiting", 90, 6, "Reserve review for the annual statement"),
    HistoryRow(2, *TOM, f"{INSURANCE}.premium_income", "premium-income", "waiting", 120, 0, "Premium figures in the regional report"),
    HistoryRow(1, *NINA, f"{INSURANCE}.premium_income", "premium-income", "waiting", 120, 0, "Premiums in the liquidity plan"),
)  # fmt: skip
