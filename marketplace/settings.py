"""Settings of every process, read from the environment; each variable stands in docs/settings.md."""

import os
import sys
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

from marketplace.caching import build_cache_settings
from marketplace.environment import RecordingEnvironment, check_secret_key, refuse_unknown_variables
from marketplace.openapi_settings import OPENAPI_SETTINGS
from marketplace.structured_logging import build_logging_settings

env = RecordingEnvironment()
ROOT = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = env.str("MESHMARKET_SECRET_KEY", default="")
check_secret_key(SECRET_KEY)
ALLOWED_HOSTS = env.list("MESHMARKET_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("MESHMARKET_ORIGINS", default=[])
PROXIES = env.int("MESHMARKET_PROXIES", default=0)
PROXY_ADDRESSES = env.list(
    "MESHMARKET_PROXY_ADDRESSES",
    default=[
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
    ],
)
SECURE_COOKIES = env.bool("MESHMARKET_SECURE_COOKIES", default=True)

INSTALLED_APPS = [
    "portal.admin_site.apps.AdminSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "template_partials",
    "csp",
    "audit",
    "identity",
    "fulfilment",
    "catalog",
    "requests_app",
    "portal",
    "workers",
    "marketplace",
]

MIDDLEWARE = [
    "marketplace.middleware.RequestIdMiddleware",
    "marketplace.metrics.RequestMetricsMiddleware",
    "marketplace.middleware.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "marketplace.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "marketplace.middleware.NoStoreMiddleware",
    "marketplace.middleware.BodySizeMiddleware",
    "marketplace.middleware.NullCharacterMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "marketplace.middleware.SessionExpiryMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "marketplace.middleware.PersonIdMiddleware",
    "portal.pages.languages.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "marketplace.worker_wakeup.WorkerWakeupMiddleware",
    "portal.errors.middleware.MethodNotAllowedMiddleware",
]

ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "portal.compact_templates.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "portal.templatetags.cached_include",
                "portal.templatetags.dates",
                "portal.templatetags.chips",
                "portal.templatetags.names",
                "portal.templatetags.kept_parameters",
                "portal.templatetags.task_rows",
                "portal.templatetags.page_links",
                "portal.templatetags.vacancies",
                "portal.templatetags.markdown",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.page_frame",
            ],
        },
    }
]

# Which database role a command speaks as; `MESHMARKET_PROCESS` says so for gunicorn and celery.
PROCESS_BY_COMMAND = {
    "migrate": "owner",
    "makemigrations": "owner",
    "createsuperuser": "owner",
    "declare": "owner",
    "doctor": "worker",
    "sweep": "worker",
    "sync": "worker",
    "verify_audit": "worker",
}
DATABASE_URL_BY_PROCESS = {
    "owner": "MIGRATE_DATABASE_URL",
    "web": "DATABASE_URL",
    "worker": "WORKER_DATABASE_URL",
    "sealer": "SEALER_DATABASE_URL",
}
_command = sys.argv[1] if len(sys.argv) > 1 else ""
_process = PROCESS_BY_COMMAND.get(_command, "web")
PROCESS = env.str("MESHMARKET_PROCESS", default=_process) or _process

DATABASES = {
    "default": env.db_url(
        DATABASE_URL_BY_PROCESS[PROCESS], default=env.str("DATABASE_URL", default="postgres:///meshmarket")
    )
}
DATABASES["default"]["CONN_MAX_AGE"] = 600
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
PREPARE_STATEMENTS = env.bool("MESHMARKET_PREPARE_STATEMENTS", default=True)
if PROCESS == "worker" and "SEALER_DATABASE_URL" in os.environ:
    DATABASES["sealer"] = env.db_url("SEALER_DATABASE_URL")

AUTH_USER_MODEL = "identity.Person"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = env.int("MESHMARKET_PASSWORD_RESET_TIMEOUT", default=3600)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [ROOT / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.static_bundles.BundleFinder",
]
STATIC_ROOT = env.str("MESHMARKET_STATIC_ROOT", default=str(ROOT / "staticfiles"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SESSION_ENGINE = "identity.sessions"
SESSION_COOKIE_AGE = 30 * 60  # idle; `marketplace.middleware.SessionExpiryMiddleware` puts the end off
LONGEST_SESSION = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# The web itself speaks plain http: only a proxy can tell it that a request came by https.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_SSL_REDIRECT = env.bool("MESHMARKET_SSL_REDIRECT", default=False)
if SECURE_SSL_REDIRECT and not PROXIES:
    raise ImproperlyConfigured(
        "MESHMARKET_SSL_REDIRECT needs MESHMARKET_PROXIES: without a proxy every request is plain http, and each"
        " redirect would lead to the next."
    )
SECURE_REDIRECT_EXEMPT = [
    r"^healthz(/live|/ready)?$",
    r"^metrics$",
]  # load balancers, containers and Prometheus ask by plain http
SECONDS_PER_YEAR = 31_536_000
SECURE_HSTS_SECONDS = env.int(
    "MESHMARKET_HSTS_SECONDS", default=SECONDS_PER_YEAR if SECURE_SSL_REDIRECT else 0
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "portal.errors.views.csrf_failure"

NONE, SELF = "'none'", "'self'"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "report-uri": "/csp-report/",
    }
}

# Requests a minute of one person or token; 0: no limit.
API_RATE_LIMIT = env.int("MESHMARKET_API_RATE_LIMIT", default=600)
SEARCH_RATE_LIMIT = env.int("MESHMARKET_SEARCH_RATE_LIMIT", default=120)
QUERY_RATE_LIMIT = env.int("MESHMARKET_QUERY_RATE_LIMIT", default=30)
CREDENTIAL_RATE_LIMIT = env.int("MESHMARKET_CREDENTIAL_RATE_LIMIT", default=10)
LINEAGE_RATE_LIMIT = env.int("MESHMARKET_LINEAGE_RATE_LIMIT", default=3000)
QUALITY_RATE_LIMIT = env.int("MESHMARKET_QUALITY_RATE_LIMIT", default=600)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["portal.api.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "portal.api.openapi_schema.Schema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsers.ShallowJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "portal.api.negotiation.DefaultJSONNegotiation",
    "URL_FORMAT_OVERRIDE": None,  # each list reads `format` itself
    "EXCEPTION_HANDLER": "portal.api.errors.answer",
    "DEFAULT_THROTTLE_CLASSES": ["portal.api.throttling.PolicyThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "default": f"{API_RATE_LIMIT}/min" if API_RATE_LIMIT else None,
        "search": f"{SEARCH_RATE_LIMIT}/min" if SEARCH_RATE_LIMIT else None,
        "queries": f"{QUERY_RATE_LIMIT}/min" if QUERY_RATE_LIMIT else None,
        "credentials": f"{CREDENTIAL_RATE_LIMIT}/min" if CREDENTIAL_RATE_LIMIT else None,
        "lineage": f"{LINEAGE_RATE_LIMIT}/min" if LINEAGE_RATE_LIMIT else None,
        "quality": f"{QUALITY_RATE_LIMIT}/min" if QUALITY_RATE_LIMIT else None,
    },
}
SPECTACULAR_SETTINGS = OPENAPI_SETTINGS

# A form ticks its columns one by one, and Glue has tables of some thousands.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("MESHMARKET_BODY_BYTES", default=1_048_576)
FILE_UPLOAD_HANDLERS = ["marketplace.middleware.FileRefusingUploadHandler"]
CONNECTIONS_PER_ADDRESS = env.int("MESHMARKET_CONNECTIONS_PER_ADDRESS", default=300)
SERVER_LIMITS = {
    "header_seconds": env.float("MESHMARKET_HEADER_SECONDS", default=10.0),
    "transfer_seconds": env.float("MESHMARKET_TRANSFER_SECONDS", default=10.0),
    "bytes_per_second": env.float("MESHMARKET_BYTES_PER_SECOND", default=4096.0),
    "connections": env.int("MESHMARKET_CONNECTIONS", default=500),
    # Behind a proxy all connections come from its address.
    "connections_per_address": 0 if PROXIES else CONNECTIONS_PER_ADDRESS,
    "body_bytes": DATA_UPLOAD_MAX_MEMORY_SIZE,
}

REDIS_URL = env.str("REDIS_URL", default="")
BROKER_URL = env.str("MESHMARKET_BROKER_URL", default=REDIS_URL)
CACHES = {"default": build_cache_settings(REDIS_URL)}
LOG_FORMAT = env.str("MESHMARKET_LOG_FORMAT", default="line")
LOGGING = build_logging_settings(LOG_FORMAT, env.str("MESHMARKET_LOG_LEVEL", default="INFO"))
METRICS_TOKEN = env.str("MESHMARKET_METRICS_TOKEN", default="")
TRACES = env.bool("MESHMARKET_TRACES", default=False)
TASK_EVENTS = env.bool("MESHMARKET_TASK_EVENTS", default=False)

# Lineage
LINEAGE_RUN_DAYS = env.int("MESHMARKET_LINEAGE_RUN_DAYS", default=180)
LINEAGE_DAYS = env.int("MESHMARKET_LINEAGE_DAYS", default=400)

# Quality
QUALITY_EVERY = env.float("MESHMARKET_QUALITY_EVERY", default=600.0)
QUALITY_DAYS = env.int("MESHMARKET_QUALITY_DAYS", default=180)

# Usage
USAGE_DAYS = env.int("MESHMARKET_USAGE_DAYS", default=400)

# Requests
LONGEST_ACCESS_DAYS = env.int("MESHMARKET_LONGEST_ACCESS_DAYS", default=365)
WARN_DAYS = env.int("MESHMARKET_WARN_DAYS", default=7)
BULK_DELAY = env.float("MESHMARKET_BULK_DELAY", default=10.0)
DECIDE_WITHIN_HOURS = env.int("MESHMARKET_DECIDE_WITHIN_HOURS", default=24)
DECIDE_EVERY = env.float("MESHMARKET_DECIDE_EVERY", default=1.0)

# Sample rows, the data API and profiles
QUERY_WORKGROUP = env.str("MESHMARKET_QUERY_WORKGROUP", default="primary")
QUERY_MAX_BYTES = env.int("MESHMARKET_QUERY_MAX_BYTES", default=10_737_418_240)
QUERY_DEADLINE = env.float("MESHMARKET_QUERY_DEADLINE", default=120.0)
QUERY_MAX_ROWS = env.int("MESHMARKET_QUERY_MAX_ROWS", default=10_000)
OPEN_QUERIES = env.int("MESHMARKET_OPEN_QUERIES", default=3)
QUERY_MINUTES = env.int("MESHMARKET_QUERY_MINUTES", default=15)
CREDENTIAL_SECRET_SECONDS = env.int("MESHMARKET_CREDENTIAL_SECRET_SECONDS", default=60)
KEEP_QUERIES_DAYS = env.int("MESHMARKET_KEEP_QUERIES_DAYS", default=90)
SAMPLE_ROWS, SAMPLE_COLUMNS = 20, 100
SAMPLE_MINUTES = env.int("MESHMARKET_SAMPLE_MINUTES", default=5)
SAMPLES_PER_HOUR = env.int("MESHMARKET_SAMPLES_PER_HOUR", default=30)
PROFILE_ROWS = env.int("MESHMARKET_PROFILE_ROWS", default=100_000)
PROFILE_COLUMNS = 100

# Governance: `required` or `off`; see `identity.role_changes.checks`.
SECOND_GOVERNOR = env.str("MESHMARKET_SECOND_GOVERNOR", default="required")

# Notices
SITE_URL = env.str("MESHMARKET_URL", default="http://localhost:8000").rstrip("/")
SEARCH_ALERT_EVERY = env.float("MESHMARKET_SEARCH_ALERT_EVERY", default=300.0)
DIGEST_HOUR = env.int("MESHMARKET_DIGEST_HOUR", default=7)
MAIL_URL = env.str("MESHMARKET_MAIL_URL", default="")
MAIL_IS_SENT = bool(MAIL_URL)
_mail = environ.Env.email_url_config(MAIL_URL or "dummymail://")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("MESHMARKET_MAIL_FROM", default="Meshmarket <meshmarket@localhost>")
WEBHOOKS_INSIDE = env.bool("MESHMARKET_WEBHOOKS_INSIDE", default=False)
KEEP_NOTICES_DAYS = env.int("MESHMARKET_KEEP_NOTICES_DAYS", default=400)
KEEP_DELIVERIES_DAYS = env.int("MESHMARKET_KEEP_DELIVERIES_DAYS", default=90)

# Engine; seconds. `workers.checks` refuses values with which its proofs would not hold.
AWS_WORKER_REGION = env.str("AWS_DEFAULT_REGION", default="eu-central-1")
CALL_DEADLINE = env.float("MESHMARKET_CALL_DEADLINE", default=10.0)
LEASE = env.float("MESHMARKET_LEASE", default=20.0)
WORKER_TIMEOUT = env.float("MESHMARKET_WORKER_TIMEOUT", default=15.0)
SHORT_TRANSACTION = env.float("MESHMARKET_SHORT_TRANSACTION", default=1.0)
SETTLE = env.float("MESHMARKET_SETTLE", default=5.0)
VISIBILITY_DELAY = env.float("MESHMARKET_VISIBILITY_DELAY", default=5.0)
CALLS_PER_SECOND = env.float("MESHMARKET_CALLS_PER_SECOND", default=5.0)
BURST = env.int("MESHMARKET_BURST", default=10)
SCAN_EVERY = env.float("MESHMARKET_SCAN_EVERY", default=300.0)
QUEUE_CONCURRENCY = {
    "engine": env.int("MESHMARKET_ENGINE_CONCURRENCY", default=4),
    "sync": env.int("MESHMARKET_SYNC_CONCURRENCY", default=4),
    "outbox": env.int("MESHMARKET_OUTBOX_CONCURRENCY", default=2),
    "audit": env.int("MESHMARKET_AUDIT_CONCURRENCY", default=1),
    "default": env.int("MESHMARKET_DEFAULT_CONCURRENCY", default=2),
}
# Tasks of each queue by one worker, as in Celery's `rate_limit`: "10/s", "100/m"; empty: no limit.
QUEUE_RATES = {
    "engine": env.str("MESHMARKET_ENGINE_RATE", default=""),
    "sync": env.str("MESHMARKET_SYNC_RATE", default=""),
    "outbox": env.str("MESHMARKET_OUTBOX_RATE", default=""),
    "audit": env.str("MESHMARKET_AUDIT_RATE", default=""),
    "default": env.str("MESHMARKET_DEFAULT_RATE", default=""),
}
CLAIM_EVERY = env.float("MESHMARKET_CLAIM_EVERY", default=1.0)
SWEEP_EVERY = env.float("MESHMARKET_SWEEP_EVERY", default=5.0)
SEAL_EVERY = env.float("MESHMARKET_SEAL_EVERY", default=0.25)
READS_PER_SECOND = env.float("MESHMARKET_READS_PER_SECOND", default=40.0)
READ_BURST = env.int("MESHMARKET_READ_BURST", default=80)
SYNC_READERS = env.int("MESHMARKET_SYNC_READERS", default=4)
SYNC_CATALOGS = env.int("MESHMARKET_SYNC_CATALOGS", default=2)
HOUSEKEEPING_EVERY = env.float("MESHMARKET_HOUSEKEEPING_EVERY", default=60.0)
AUDIT_VERIFY_EVERY = env.float("MESHMARKET_AUDIT_VERIFY_EVERY", default=20.0)
TRAIL_EVERY = env.float("MESHMARKET_TRAIL_EVERY", default=60.0)
QUERY_HISTORY_EVERY = env.float("MESHMARKET_QUERY_HISTORY_EVERY", default=900.0)
QUERY_HISTORY_DELAY = env.float("MESHMARKET_QUERY_HISTORY_DELAY", default=1200.0)
COUNT_WORDS_EVERY = env.float("MESHMARKET_COUNT_WORDS_EVERY", default=600.0)
STATISTICS_EVERY = env.float("MESHMARKET_STATISTICS_EVERY", default=86_400.0)
FRESHNESS_EVERY = env.float("MESHMARKET_FRESHNESS_EVERY", default=1800.0)
SCHEDULED_SCANS = env.bool("MESHMARKET_SCHEDULED_SCANS", default=True)
SAMPLED_ROWS = env.int("MESHMARKET_SAMPLED_ROWS", default=200)
SAMPLE_MAX_BYTES = env.int("MESHMARKET_SAMPLE_MAX_BYTES", default=1_073_741_824)
CRAWLER_DEADLINE = env.float("MESHMARKET_CRAWLER_DEADLINE", default=21_600.0)
SYNC_EVERY = env.float("MESHMARKET_SYNC_EVERY", default=900.0)
RESIDUAL_SECONDS = env.int("MESHMARKET_RESIDUAL_SECONDS", default=43_200)
CLOCK_MAY_ADVANCE = False

refuse_unknown_variables(os.environ, env.names)
