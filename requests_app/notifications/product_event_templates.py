"""Templates of what happens to data products and their tables."""

from django.utils.translation import gettext_lazy as _

from requests_app.notifications.kinds import NotificationKind
from requests_app.notifications.template_values import EventTemplate, RecipientSide

CONSUMERS, TABLE_CONSUMERS, NAMED = (
    RecipientSide.CONSUMERS,
    RecipientSide.TABLE_CONSUMERS,
    RecipientSide.NAMED,
)
FOLLOWERS, DOMAIN_FOLLOWERS = RecipientSide.FOLLOWERS, RecipientSide.DOMAIN_FOLLOWERS

PRODUCT_EVENT_TEMPLATES: dict[str, EventTemplate] = {
    "deprecate_product": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(actor)s deprecated %(what)s, which you use or follow: %(reason)s"),
        (CONSUMERS, FOLLOWERS),
        "data-product-by-id",
    ),
    "withdraw_deprecation": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(actor)s withdrew the deprecation of %(what)s. You can continue to use it."),
        (CONSUMERS, FOLLOWERS),
        "data-product-by-id",
    ),
    "allow_requests": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(actor)s lets you request %(what)s, although it is deprecated: %(reason)s"),
        (NAMED,),
        "data-product-by-id",
    ),
    "announce_breaking_change": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(actor)s published version %(reason)s of %(what)s, which may break your queries."),
        (CONSUMERS, FOLLOWERS),
        "data-product-by-id",
    ),
    "schedule_retirement": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(what)s will be retired on %(reason)s. Your access to it ends then."),
        (NAMED,),
        "data-product-by-id",
    ),
    "warn_of_retirement": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(what)s will be retired soon, on %(reason)s. Your access to it ends then."),
        (NAMED,),
        "data-product-by-id",
    ),
    "call_off_retirement": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(actor)s cancelled the retirement of %(what)s. Your access continues."),
        (NAMED,),
        "data-product-by-id",
    ),
    "retire_product": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(what)s is retired. Your access to it has ended."),
        (NAMED,),
        "data-product-by-id",
    ),
    "approve_schema_update": EventTemplate(
        NotificationKind.PRODUCT_CHANGED, _("%(actor)s approved a change of columns or settings of %(what)s, which may break your queries: %(reason)s"), (TABLE_CONSUMERS,), "table"
    ),
    "announce_version": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(actor)s published version %(reason)s of %(what)s, which you follow. No query breaks."),
        (FOLLOWERS,),
        "data-product-by-id",
    ),
    "announce_product": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(actor)s published a new data product in a domain that you follow: %(what)s."),
        (DOMAIN_FOLLOWERS,),
        "data-product-by-id",
    ),
    "write_release_note": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(actor)s wrote a release note of %(what)s: %(reason)s"),
        (CONSUMERS, FOLLOWERS),
        "release-note",
    ),
    "find_quality_anomaly": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("A measurement of %(what)s is outside its usual range: %(reason)s"),
        (NAMED,),
        "table",
    ),
    "break_promise": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(what)s doesn't keep what it promises: %(reason)s"),
        (NAMED, CONSUMERS, FOLLOWERS),
        "data-product-by-id",
    ),
    "mend_promise": EventTemplate(
        NotificationKind.PRODUCT_CHANGED,
        _("%(what)s keeps what it promises again: %(reason)s"),
        (NAMED, CONSUMERS, FOLLOWERS),
        "data-product-by-id",
    ),
    "warn_of_derivation": EventTemplate(
        NotificationKind.FAILED,
        _("%(what)s is published, but lacks the approval of whoever owns the data that it is made from. See its page."),
        (NAMED,),
        "data-product-by-id",
    ),
    "report_problem": EventTemplate(
        NotificationKind.DISCUSSED, _("%(actor)s reported a problem with %(what)s: %(reason)s"), (NAMED, FOLLOWERS), "problem"
    ),
    "acknowledge_problem": EventTemplate(
        NotificationKind.DISCUSSED, _("%(actor)s is working on the problem with %(what)s: %(reason)s"), (NAMED,), "problem"
    ),
    "resolve_problem": EventTemplate(
        NotificationKind.DISCUSSED, _("%(actor)s resolved the problem with %(what)s: %(reason)s"), (NAMED, FOLLOWERS), "problem"
    ),
    "ask_question": EventTemplate(
        NotificationKind.DISCUSSED, _("%(actor)s asked a question about %(what)s: %(reason)s"), (NAMED,), "question"
    ),
    "answer_question": EventTemplate(
        NotificationKind.DISCUSSED, _("%(actor)s answered a question about %(what)s: %(reason)s"), (NAMED,), "question"
    ),
}  # fmt: skip
