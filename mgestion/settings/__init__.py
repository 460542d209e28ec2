"""Django's settings. All differences between the two modes come from `env.read_environment` alone.

Applications are named by string, so that mgestion imports none of them.
"""

import os
from datetime import timedelta
from pathlib import Path

import django_stubs_ext

from mgestion.settings import env as _env
from mgestion.settings.consistency import check_consistency
from mgestion.settings.delays import *  # noqa: F403  # options and constants
from mgestion.settings.documents import *  # noqa: F403  # options and constants
from mgestion.settings.entry import *  # noqa: F403  # options and constants
from mgestion.settings.entry import SESSION_ABSOLUTE
from mgestion.settings.logs import *  # noqa: F403  # options
from mgestion.settings.logs import build_logging
from mgestion.settings.review import *  # noqa: F403  # options and constants
from mgestion.settings.serving import *  # noqa: F403  # options and constants
from mgestion.settings.serving import DATABASE_CONNECT_TIMEOUT, TASK_TIME_LIMIT

django_stubs_ext.monkeypatch()  # `ModelAdmin[Request]` is a type at run time too

BASE_DIR = Path(__file__).resolve().parents[2]
ENVIRONMENT = _env.read_environment(os.environ, BASE_DIR)

DEBUG = False  # in every mode
SECRET_KEY = ENVIRONMENT.keys.secret
SECRET_KEY_FALLBACKS = ENVIRONMENT.keys.fallbacks  # old ones, which still verify
HASH_KEYS = ENVIRONMENT.keys.hashes  # the first one signs, all verify
FACTOR_KEYS = ENVIRONMENT.keys.factors  # for second factors: the first encrypts, all decrypt
EMBEDDED = ENVIRONMENT.embedded
PUBLIC_URL = ENVIRONMENT.public_url
# The origin of published M-Gestion links: a service of this origin is this portal.
PUBLISHED_ORIGIN = "https://mgestion.opcomobilites.fr"
DEMO_PLATFORM_URL = ENVIRONMENT.demo_platform_url  # the demo's second platform; "" in production
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
ROOT_URLCONF = "mgestion.urls"
WSGI_APPLICATION = "mgestion.wsgi.application"
DATA_DIR = ENVIRONMENT.data_dir
LOGGING = build_logging(embedded=EMBEDDED)
SENTRY_DSN = ENVIRONMENT.sentry_dsn  # "": faults are in the log alone
METRICS_TOKEN = ENVIRONMENT.metrics_token  # "": /metrics answers this machine only

INSTALLED_APPS = [
    "lifecycle",
    "registrations",
    "accounts.cas",
    "accounts.profile",
    "accounts.entry",
    "accounts.legal",
    "accounts.habilitations",
    "accounts",
    "mgestion.jobs",
    "mgestion.journal",
    "mgestion.operations",
    "mgestion.outbox",
    "mgestion",
    "mgestion.admin.site.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
]

MIDDLEWARE = [
    "mgestion.web.logging.request_id.RequestIdMiddleware",
    "mgestion.web.logging.access.AccessLogMiddleware",
    "mgestion.monitoring.middleware.RequestMetricsMiddleware",
    "mgestion.web.middleware.monitoring.MonitoringHostMiddleware",
    "mgestion.web.middleware.headers.HeadersMiddleware",  # first seven: before any answer
    "mgestion.web.middleware.plain_http.PlainHttpMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "mgestion.web.middleware.nul.NulMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mgestion.web.middleware.maintenance.MaintenanceMiddleware",
    "mgestion.web.middleware.readonly.ReadOnlyGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.entry.sessions.middleware.SessionLimitsMiddleware",
    "accounts.entry.sessions.kept_forms.KeptTypingMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.entry.sessions.middleware.StaffSecondFactorMiddleware",
    "accounts.legal.terms.gate.TermsGateMiddleware",
    "accounts.legal.consent.audience_choice.MeasurementMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mgestion.web.middleware.wrong_method.WrongMethodMiddleware",
]

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
                "mgestion.web.context.portal_context",
                "accounts.legal.consent.audience_choice.build_consent_context",
            ],
            "builtins": [
                "crispy_forms.templatetags.crispy_forms_filters",
                "django.templatetags.static",
                "mgestion.templatetags.icons",
                "mgestion.templatetags.portal",
            ],
        },
    }
]
FORM_RENDERER = "mgestion.web.widgets.FormRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- data ----------------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **ENVIRONMENT.database,
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
if ENVIRONMENT.database_pooled:  # a cursor of the server does not survive its transaction there
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
if ENVIRONMENT.database["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Immediate: a transaction that reads, then writes, never fails with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        ),
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        # A host that is gone is noticed within half a minute; a silent server by our own backend.
        **ENVIRONMENT.database_options,
        "connect_timeout": int(DATABASE_CONNECT_TIMEOUT.total_seconds()),
        "tcp_user_timeout": 30_000,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# No request depends on Redis: rate limits and sessions are rows. Used by allauth's limits.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- language and time: French, UTC in the database, Paris time on pages -------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "Europe/Paris"
FORMAT_MODULE_PATH = "mgestion.formats"

# --- people --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.entry.login.backends.PasswordBackend",
    "accounts.habilitations.staff.backends.StaffRoleBackend",
]
PASSWORD_HASHERS = [
    "accounts.passwords.hashers.PortalArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.rules.PortalRules"},
    {"NAME": "accounts.passwords.rules.NotPersonal"},
    {"NAME": "accounts.passwords.rules.NotCommon"},
]
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # uniqueness is on the folded address
    "models.W040",  # SQLite ignores the included columns of covering indexes
]
LOGIN_URL = "cas:login"
LOGOUT_URL_NAME = "cas:logout"
RESET_URL_NAME = "entry:reset"
ACTS_ON_GET = ("cas:logout", "admin:logout")  # URLs that no `next` may lead to
LANDING_URL_NAME = "registrations:landing"
STAFF_LANDING_URL_NAME = "admin:index"
REFUSED_ACCESS_URL_NAME = "registrations:access_refused"  # takes the platform's code
TERMS_GATE_URL_NAME = "legal:gate"  # asks to accept the terms in force; "": no gate
CONDITIONS_GATE_URL_NAME = "legal:conditions_gate"  # those of one platform, its code given

ACCOUNT_ADAPTER = "accounts.entry.login.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "email2*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the password link verifies the address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_TIMEOUT = 15 * 60  # seconds to give the second factor
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Failed logins are counted once, by `LOGINS_PER_IP` and by account (accounts/entry/limits).
ACCOUNT_RATE_LIMITS = {"login_failed": None, "reauthenticate": "10/m/user"}
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies
TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxies

MFA_ADAPTER = "accounts.entry.second_factor.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # steps of 30 s before and after: clocks drift
PASSKEY_ORIGIN = ENVIRONMENT.passkey_origin  # its host is the relying party of passkeys

# --- CAS and the platforms' API -------------------------------------------------------------
CAS_TICKETS_PER_SESSION = (300, timedelta(hours=1))  # more is a redirect loop
CAS_PROXY_TICKETS_PER_SESSION = (3000, timedelta(hours=1))  # servers may need one each request
CAS_LOGOUT_TIMEOUT = 4  # seconds for a platform to answer a logout
CAS_CALLBACK_TIMEOUT = 4  # seconds for a platform to accept a proxy-granting ticket
CAS_PRIVATE_CALLBACKS = EMBEDDED  # whether proxy callbacks may have private addresses
CAS_LOGOUT_DELAYS = (10, 60, 600, 3600)  # seconds before each retry, then give up
CAS_LOGOUT_LOG_LIFE = timedelta(days=90)
CAS_LOGOUT_SWEEP = 3  # seconds during which one sweep starts calls
CAS_LOGOUT_TIMEOUTS = 5  # in a row; then calls pause, and one call tries again
CAS_LOGOUT_PAUSE = timedelta(minutes=1)  # doubled by each try that times out
CAS_LOGOUT_LONGEST_PAUSE = timedelta(minutes=10)
CAS_LOGOUT_GIVE_UP = timedelta(hours=24)  # for calls that wait for a platform in pause
API_TOKEN_LIFE = timedelta(days=365)  # at most

# --- registrations -------------------------------------------------------------------------------
# The company directory; "": none, and staff see « non vérifié ». See docs/operations.md.
COMPANY_DIRECTORY_URL = ENVIRONMENT.company_directory

# --- sessions, cookies, headers ------------------------------------------------------------------
_secure = not EMBEDDED
SESSION_ENGINE = "accounts.entry.sessions.session_store"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE.total_seconds())
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-sessionid" if _secure else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if _secure else "csrftoken"
CSRF_COOKIE_AGE = None  # ends with the browser
DEVICE_COOKIE_NAME = "__Host-device" if _secure else "device"
# Audience measurement: off unless a script is set (docs/operations.md).
MEASUREMENT_SCRIPT_URL = ENVIRONMENT.measurement_script_url
MEASUREMENT_SITE_ID = ENVIRONMENT.measurement_site_id
MEASUREMENT_COOKIES = ENVIRONMENT.measurement_cookies  # name → days, 0 = ends with the browser
CONSENT_COOKIE_NAME = "__Host-consent" if _secure else "consent"
CONSENT_LIFE = timedelta(days=182)  # then consent is asked again
MESSAGES_COOKIE_NAME = "__Host-messages" if _secure else "messages"
MESSAGE_STORAGE = "mgestion.web.message_storage.SealedCookieStorage"
CSRF_FAILURE_VIEW = "accounts.cas.endpoints.restart.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if _secure:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- static files --------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.static_dir
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "mgestion.web.bundles.BundleFinder",
]
WHITENOISE_USE_FINDERS = ENVIRONMENT.testing  # a test's server needs no collectstatic
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT.testing
        else "mgestion.web.bundles.CollectedFilesStorage"
    },
}

# --- mail ----------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.mail_from
EMAIL_TIMEOUT = 10
# The envelope's sender, to which mails come back; "": the address of MAIL_FROM.
BOUNCE_ADDRESS = ENVIRONMENT.bounces.address
BOUNCE_MAILBOX = ENVIRONMENT.bounces.mailbox  # None: nobody reads it
BOUNCE_WEBHOOK_SECRET = ENVIRONMENT.bounces.webhook_secret  # "": the address does not exist
EMAIL_BACKEND = "mgestion.outbox.sending.backends.SmtpBackend"
if ENVIRONMENT.smtp:
    EMAIL_HOST = str(ENVIRONMENT.smtp["host"])
    EMAIL_PORT = int(str(ENVIRONMENT.smtp["port"]))
    EMAIL_HOST_USER = str(ENVIRONMENT.smtp["username"])
    EMAIL_HOST_PASSWORD = str(ENVIRONMENT.smtp["password"])
    EMAIL_USE_TLS = bool(ENVIRONMENT.smtp["use_tls"])
    EMAIL_USE_SSL = bool(ENVIRONMENT.smtp["use_ssl"])
elif EMBEDDED:
    # The demo sends no mail: mails stay on their rows and are read on a local page.
    EMAIL_BACKEND = "mgestion.outbox.sending.backends.LocalBackend"
OUTBOX_LEASE = timedelta(seconds=60)
OUTBOX_SWEEP = 10  # seconds during which one sweep starts mails
# SMTP connections of one sweep, each in a thread with its own database connection; SQLite has one
# writer.
OUTBOX_CONNECTIONS = 1 if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3" else 4
OUTBOX_FIRST_RETRY = timedelta(seconds=30)
OUTBOX_MAX_RETRY = timedelta(hours=1)
OUTBOX_GIVE_UP = timedelta(hours=24)  # after the first refusal, when the latest is final (5xx)
OUTBOX_GIVE_UP_TEMPORARY = timedelta(days=5)  # when it is temporary (4xx)

# --- lifecycle ------------------------------------------------------------------------------------
ERASURE_LIST = ENVIRONMENT.erasure_list  # outside the database and its backups

# --- Celery: the database is the queue, Celery only starts the sweeps ----------------------------
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = int(TASK_TIME_LIMIT.total_seconds())
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULER = "mgestion.launch.beat:BeatScheduler"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
if ENVIRONMENT.redis_url:
    CELERY_BROKER_URL = ENVIRONMENT.redis_url
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 300,
        "unacked_restore_throttle": 1,
        "socket_timeout": 1,
        "socket_connect_timeout": 1,
        "retry_on_timeout": False,
        "max_retries": 0,
    }
else:
    # A file broker, for the demo on one machine. A lost task is harmless: the next sweep finds the
    # row.
    CELERY_BROKER_URL = "wholefiles://"  # mgestion/launch/broker.py
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker" / "queue"),
        "data_folder_out": str(DATA_DIR / "broker" / "queue"),
        "control_folder": str(DATA_DIR / "broker" / "control"),
        "polling_interval": 0.1,
    }

check_consistency(globals())
