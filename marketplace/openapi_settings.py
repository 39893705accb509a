"""How the OpenAPI document introduces the API. Settings of drf-spectacular."""

from typing import Any

DESCRIPTION = """\
Find data products, request access to them, review requests, and see what AWS holds.

**Addresses.** A page and its resource have the same address: `/grants/12/` is the page, `/api/v1/grants/12` the resource. \
Actions are verbs below a resource, such as `POST /grants/12/revoke`, and answer with it.

**Sign in.** Calls are made in the session of a signed-in person; a call that writes sends the CSRF token as `X-CSRFToken`.

**Lists** answer `{"results", "next", "previous"}` and a `Link` header. Follow `next` until it is null. `limit` is 25 if you \
send none, and 100 at most. Filters have the name of a member: repeat one for "or", combine different ones for "and". An \
unknown parameter or member is refused and named. `fields` picks members; `format=csv` and `format=ndjson` send all results \
as a file.

**Errors** are `application/problem+json` (RFC 9457) with a stable `code`, a `request_id` to quote, and `errors`, which name \
every parameter or member that does not stand. 404 means that it does not exist or that you may not see it.

**Idempotency.** Send `Idempotency-Key` with any POST or PATCH, and you can repeat the call safely for 7 days.

**What you looked at.** Decisions name the hashes that a review or plan showed; documents that you edit have an `ETag`, and \
take `If-Match`. If something has changed, nothing is done.

**States.** `state` is one of ten words, `state_reason` says which case of it, `next` who acts, and `sentence` is for people. \
Lists of words may grow.

**Style.** Ids are strings. Times end in `_at` and are RFC 3339 in UTC; a date means the end of that day. Durations are \
ISO 8601. `null` means none, or not known.
"""
TAGS = {
    "search": "Find data products and tables.",
    "data-products": "What domains publish.",
    "tables": "Tables as mirrored from AWS Glue.",
    "databases": "Databases as mirrored from AWS Glue.",
    "catalogs": "Connected catalogs.",
    "offers": "Ways to use a data product, with terms of use.",
    "principals": "Roles and users that may receive access.",
    "baskets": "Tables that you collect before you request them.",
    "access-requests": "Request access.",
    "request-items": "One thing in an access request.",
    "reviews": "Review items and decide on them.",
    "bulk-decisions": "Decide on several items.",
    "delegations": "Let a colleague decide for you.",
    "grants": "What was agreed, and what AWS holds of it.",
    "bulk-revocations": "Revoke several grants.",
    "holds": "Columns that wait before a grant opens them.",
    "accounts": "What consumer accounts pass on, and how they find it.",
    "local-groups": "Readers in an account.",
    "service-roles": "Roles that services assume, and who is responsible for them.",
    "access-reviews": "Periodic checks of grants.",
    "break-glass": "Access in an emergency.",
    "policies": "Rules for requests, as data.",
    "sync-runs": "Readings of catalogs.",
    "audit-events": "Who did what.",
    "notifications": "What happened, for you.",
    "notification-settings": "How often you hear of what.",
}
OPENAPI_SETTINGS: dict[str, Any] = {
    "TITLE": "Meshmarket API",
    "DESCRIPTION": DESCRIPTION,
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "TAGS": [{"name": name, "description": words} for name, words in TAGS.items()],
    "ENUM_NAME_OVERRIDES": {
        "NotificationKind": "requests_app.notifications.kinds.NotificationKind",
        "Use": "catalog.products.offers.models.DataUse",
        "Classification": "catalog.mirror.models.Classification",
        "Audience": "catalog.products.models.Audience",
    },
}
