"""Settings, read from the environment once. docs/operations.md lists every variable.

`ZHGG_ENV=development` (set by `./dev`) turns on what only development may have: the embedded PostgreSQL, keys made
once into `.dev/`, plain-http cookies and synthetic 证件号码. Anything else is production and refuses to start when a
secret or the database is missing.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEVELOPMENT = env("ZHGG_ENV", default="production") == "development"
if DEVELOPMENT:
    from zhgg.dev.defaults import apply_development_defaults

    apply_development_defaults(BASE_DIR)


def required(name):
    """The variable's value; a missing one stops the start with a sentence that says what to do."""
    value = env(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Production needs it; for development use ./dev, which sets everything."
        )
    return value


DEBUG = env.bool("DEBUG", default=False) and DEVELOPMENT
SECRET_KEY = required("SECRET_KEY")
FIELD_KEYS = required("FIELD_KEYS")
DIGEST_KEY = env("DIGEST_KEY", default="")
FIELD_SUITE = env("FIELD_SUITE", default="aes")
DIGEST_SUITE = env("DIGEST_SUITE", default="sha256")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
ALLOW_SYNTHETIC_IDS = env.bool("ALLOW_SYNTHETIC_IDS", default=False)
STARTS_PLAIN_HTTP = DEVELOPMENT

INSTALLED_APPS = [
    "zhgg.kit",
    "accounts",
    "orgs",
    "profiles",
    "projects",
    "zhgg.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "csp",
    "axes",
    "django_filters",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_tables2",
    "lucide",
    "pgtrigger",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "zhgg.kit.middleware.RequestContextMiddleware",
    # Before everything that may answer by itself, so that no answer goes without them.
    "zhgg.kit.middleware.PolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "zhgg.kit.probes.ProbeMiddleware",
    "accounts.middleware.LoopbackHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhgg.kit.middleware.AnswerMiddleware",
    "zhgg.kit.replica.WrittenMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.SessionLifetimeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.PrivacyMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "orgs.middleware.ActorMiddleware",
    "orgs.middleware.CodeTablesMiddleware",
    "projects.middleware.MaintenanceMiddleware",
    "accounts.middleware.ThrottleMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zhgg.urls"
WSGI_APPLICATION = "zhgg.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "projects.context.site",
            ],
        },
    }
]
FORM_RENDERER = "zhgg.kit.drawing.Renderer"

# PgBouncer in transaction mode stands before the database: it passes no start-up options on, so that the role has to
# bring the limits below (ALTER ROLE … SET), and no cursor outlives its transaction.
DATABASE_POOLER = env.bool("DATABASE_POOLER", default=False)


def postgresql(url):
    """The settings of one database. Together under 8 s, so that a locked row or a busy server ends as a 503 page and
    never as a hang."""
    found = env.db_url_config(url)
    if found["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL must name a PostgreSQL database: row locks and constraints depend on it."
        )
    # What is asked by keys again and again (zhgg.kit.kept) PostgreSQL parses and plans once a connection.
    prepared = {"prepare_threshold": None if DATABASE_POOLER else 2}
    options = {} if DATABASE_POOLER else {"options": "-c lock_timeout=4000 -c statement_timeout=7000 -c timezone=UTC"}
    return {
        **found,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": DATABASE_POOLER,
        "OPTIONS": {**found.get("OPTIONS", {}), "connect_timeout": 3, **prepared, **options},
    }


DATABASES = {"default": postgresql(required("DATABASE_URL"))}
# A streaming replica that lists may be read from (zhgg.kit.replica), as long as it is not further behind than so.
REPLICA_URL = env("REPLICA_URL", default="")
REPLICA_LAG_SECONDS = env.int("REPLICA_LAG_SECONDS", default=5)
if REPLICA_URL:
    DATABASES["replica"] = postgresql(REPLICA_URL)
    DATABASE_ROUTERS = ["zhgg.kit.replica.Router"]

CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
# Numbers of a few bytes each (projects.completeness.tabs); Django would throw a third away at 300.
CACHES["default"].setdefault("OPTIONS", {}).setdefault("MAX_ENTRIES", 10_000)

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEVELOPMENT
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT
WHITENOISE_AUTOREFRESH = DEVELOPMENT

# Login ---------------------------------------------------------------------------------------------------------------

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "portal"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.oidc.backend.LegalBackend",
    "accounts.oidc.backend.PersonBackend",
    "accounts.staff.StaffBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
OTP_TOTP_ISSUER = "智汇攻关"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["username"]
# Its advice to count by address as well would lock a whole office behind one address out of five typing mistakes.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
# Successful logins are in our own audit trail.
AXES_DISABLE_ACCESS_LOG = True
AXES_ONLY_ADMIN_SITE = True
AXES_RESET_ON_SUCCESS = True
# So many proxies stand in front, each of which adds to X-Forwarded-For whom it saw (zhgg.kit.request_context).
PROXY_COUNT = env.int("PROXY_COUNT", default=0)
AXES_LOCKOUT_CALLABLE = "accounts.staff.locked_out"
AXES_CLIENT_IP_CALLABLE = "zhgg.kit.request_context.visitor_address"
AXES_SENSITIVE_PARAMETERS = ["token"]

OIDC_ISSUER = required("OIDC_ISSUER")
OIDC_ENTRANCES = {
    entrance: {
        "client_id": required(f"OIDC_{entrance.upper()}_CLIENT_ID"),
        "client_secret": required(f"OIDC_{entrance.upper()}_CLIENT_SECRET"),
        "extra": env.json(f"OIDC_{entrance.upper()}_EXTRA", default={}),
    }
    for entrance in ("legal", "person")
}
OIDC_CLAIMS = env.json("OIDC_CLAIMS", default={})
# All that one login asks the provider for; with our own work the answer is there within 10 s.
OIDC_DEADLINE_SECONDS = 8
# Logins that one process lets wait for the provider at once; it needs clearly more threads (docs/operations.md).
OIDC_IN_FLIGHT = env.int("OIDC_IN_FLIGHT", default=80)
YKB_REGISTER_URL = env("YKB_REGISTER_URL", default="https://ykb.cq.gov.cn/")

# Sessions, cookies, headers ------------------------------------------------------------------------------------------

SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_AGE = 30 * 60
SESSION_LIFETIME_SECONDS = 10 * 60 * 60
SESSION_WARNING_SECONDS = 2 * 60
# Only what a person does prolongs a session (accounts.sessions).
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
if STARTS_PLAIN_HTTP:
    SESSION_COOKIE_NAME = "zhgg_session"
    CSRF_COOKIE_NAME = "zhgg_csrf"
else:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_issuer = urlsplit(OIDC_ISSUER)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        # The logout POST is redirected to the provider, and Chromium applies form-action to redirects.
        "form-action": [SELF, f"{_issuer.scheme}://{_issuer.netloc}"],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
# A batch may tick 10,000 rows; Django's default of 1,000 fields would answer it with a bare 400.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000

# Files that people upload --------------------------------------------------------------------------------------------

UPLOAD_ROOT = Path(env("UPLOAD_DIR", default="/var/lib/zhgg/uploads"))
FILE_UPLOAD_HANDLERS = ["zhgg.kit.uploads.receiving.BoundedUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 10
# Of each file no more is kept; what is larger passes by and is refused at its field.
UPLOAD_MAX_FILE_BYTES = 20 * 1024 * 1024
# A larger request is refused unread. The proxy in front should refuse much earlier.
UPLOAD_MAX_REQUEST_BYTES = 512 * 1024 * 1024
CLAMD_SOCKET = env("CLAMD_SOCKET", default="")

# Mail and work outside requests --------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="智汇攻关 <noreply@kjj.cq.gov.cn>")
SITE_URL = env("SITE_URL", default="https://zhgg.csti.cn")

# Within so many seconds every process knows of a change of the maintenance switch (projects.maintenance).
MAINTENANCE_READ_SECONDS = 5
# How late the portal may show a changed 申报批次 or 通知公告 (zhgg.kit.remembered).
REMEMBERED_SECONDS = 5

# Who brings it may read the figures at /metrics; without one nobody may.
METRICS_TOKEN = env("METRICS_TOKEN", default="")

# Words that belong to the bureau, shown in every footer.
SUPPORT_PHONES = ("023-67035473", "023-67605796")
SITE_IDENTIFIER = env("SITE_IDENTIFIER", default="")
ICP_NUMBER = env("ICP_NUMBER", default="")

DJANGO_TABLES2_TEMPLATE = "ui/table.html"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "zhgg.kit.request_context.LogFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}] {message}", "style": "{"},
        "json": {"()": "zhgg.kit.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env("LOG_FORMAT", default="line" if DEVELOPMENT else "json"),
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "zhgg": {"level": env("LOG_LEVEL", default="INFO")},
        # One line a request (zhgg.kit.logs).
        "zhgg.access": {"level": "WARNING" if DEVELOPMENT else "INFO"},
        "axes": {"level": "ERROR"},
    },
}
