"""What people type, and how good each answer is: 3 what they look for, 2 useful, 1 related.

Judged by what the products and tables are, before any ranking was seen. A key is a product's slug or the name of a
table that is in no product. Every third query is held out: no weight may be chosen by it.
"""

from tests.catalog.search.relevance.more_judgements import JUDGED_AT_LARGE

JUDGED_OF_THE_DEMO: tuple[tuple[str, dict[str, int]], ...] = (
    ("life expectancy", {"life-expectancy": 3}),
    (
        "claims",
        {"claims": 3, "motor-claims": 2, "liability-claims": 2, "disability-claims": 2, "claims_raw": 1},
    ),
    ("loss ratio", {"claims": 3}),
    ("settlement", {"claims": 3, "merchant-settlements": 3}),
    ("policies", {"policies": 3, "home-insurance-policies": 2, "group-policies": 2, "life-expectancy": 1}),
    ("lapse", {"policies": 3, "surrenders": 3}),
    ("premium", {"premium-income": 3, "policies": 2, "life-expectancy": 1, "home-insurance-policies": 1}),
    ("reinsurance treaties", {"reinsurance": 3}),
    ("mortality", {"life-expectancy": 3, "mortality-tables": 3}),
    ("portfolio returns", {"portfolio-performance": 3}),
    ("benchmark", {"portfolio-performance": 3, "competitor-rates": 1}),
    ("client holdings", {"client-positions": 3}),
    ("positions", {"client-positions": 3, "fx-exposure": 2, "cash_positions": 2, "commodity-positions": 2}),
    ("trades", {"trades": 3, "transaction-reports": 2}),
    ("best execution", {"trades": 3}),
    ("esg", {"funds-on-offer": 3}),
    ("funds", {"funds-on-offer": 3, "sustainable-funds": 2, "fund-subscriptions": 2}),
    ("closing prices", {"market-prices": 3, "client-positions": 1}),
    ("customer", {"customer-360": 3, "company-customers": 2, "customer-lifetime-value": 2, "card-spend": 1}),
    ("churn", {"customer-360": 3, "account-closures": 2}),
    ("customer segment", {"customer-360": 3}),
    ("balances", {"account-balances": 3, "savings-accounts": 2, "intercompany-balances": 2}),
    ("transactions", {"account-balances": 3, "transaction-reports": 2}),
    (
        "branch",
        {"branch-performance": 3, "branch-directory": 3, "branch_visits": 2, "branch-appointments": 2},
    ),
    ("branch visits", {"branch_visits": 3, "branch-performance": 2}),
    ("mortgage", {"mortgage-book": 3}),
    ("collateral", {"mortgage-book": 3, "collateral-pool": 3, "repo-deals": 1, "loss-given-default": 1}),
    ("card spend", {"card-spend": 3, "cards-for-business": 2}),
    ("merchant", {"merchants": 3, "merchant-settlements": 2, "card-spend": 2, "payment-terminals": 1}),
    ("chargeback", {"merchants": 3}),
    ("disputes", {"merchants": 3}),
    ("fraud", {"fraud-scores": 3}),
    ("authorisations", {"fraud-scores": 3, "card-authorisations": 3}),
    ("liquidity coverage", {"liquidity-coverage": 3}),
    ("lcr", {"liquidity-coverage": 3}),
    ("currency hedge", {"fx-exposure": 3}),
    ("transfer price", {"fx-exposure": 3}),
    (
        "cash",
        {"cash_positions": 3, "cash-flow-forecast": 3, "cash-machine-withdrawals": 2, "cash-pooling": 2},
    ),
    ("mortgge", {"mortgage-book": 3}),
    ("custmer 360", {"customer-360": 3}),
    ("merchnat category", {"card-spend": 3, "merchants": 3}),
    ("policys", {"policies": 3, "home-insurance-policies": 2, "group-policies": 2, "life-expectancy": 1}),
    (
        "iban",
        {
            "claims": 3,
            "account-balances": 3,
            "direct-debit-mandates": 3,
            "instant-transfers": 3,
            "claims_raw": 2,
        },
    ),
    ("claims_clean", {"claims": 3}),
    ("fundingCurve", {"fx-exposure": 3}),
    ("tier:gold fraud", {"fraud-scores": 3}),
    ("owner:marek mortgage", {"mortgage-book": 3}),
    ("column:email", {"customer-360": 3}),
)
JUDGED = (*JUDGED_OF_THE_DEMO, *JUDGED_AT_LARGE)
TUNED = tuple(each for at, each in enumerate(JUDGED) if at % 3 != 2)
HELD_OUT = JUDGED[2::3]
