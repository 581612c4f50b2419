"""Every setting. The environment is read here, at the top, and nowhere else; a malformed value stops the start.

State (database, keys, media, cache) lives in one folder, `APPTENTICATE_HOME`; nothing is written outside it.
"""

import json
import os
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from csp import constants as csp
from django.core.exceptions import ImproperlyConfigured

from apptenticate import keys

BASE_DIR = Path(__file__).resolve().parent.parent
T = TypeVar("T")


# --- how a variable is read -------------------------------------------------------------------------------------------


def _refuse(name: str, expected: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is {_text(name)!r}: give {expected}, or leave it unset.")


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or _in_file(f"{name}_FILE") or default


def _in_file(name: str) -> str:
    """What stands in the file that a variable names: so Docker and Kubernetes hand secrets out."""
    path = os.environ.get(name, "").strip()
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name} is {path!r}: no text file that can be read.") from error


def _list(name: str, default: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in _text(name, default).split(",") if item.strip())


def _yes(name: str) -> bool:
    match _text(name, "no").casefold():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off":
            return False
    raise _refuse(name, "yes or no")


def _number(name: str, default: int, least: int, most: int) -> int:
    value = _text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,12}", value) or not least <= int(value) <= most:
        raise _refuse(name, f"a whole number from {least} to {most}")
    return int(value)


def _choice(name: str, default: str, choices: set[str]) -> str:
    value = _text(name, default)
    if value not in choices:
        raise _refuse(name, "one of " + ", ".join(sorted(choices)))
    return value


def _formats(name: str, default: str) -> frozenset[str]:
    """As `ocr.pipeline.decode.MAGIC` calls them; not loaded here, since with it come the libraries that decode."""
    wanted = frozenset(item.upper().replace("JPG", "JPEG") for item in _list(name, default))
    if not wanted or not wanted <= {"JPEG", "PNG", "WEBP"}:
        raise _refuse(name, "one or more of jpeg, png, webp, separated by commas")
    return wanted


def _time_zone(name: str, default: str) -> str:
    value = _text(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _refuse(name, "a time zone such as America/Tijuana") from error
    return value


def _rate(name: str, default: str) -> str | None:
    value = _text(name, default)
    if value == "off":
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,6}/(second|minute|hour|day)", value):
        raise _refuse(name, "a rate such as 30/minute, or off")
    return value


def _database(name: str, pool: int) -> dict[str, Any] | None:
    """What Django wants to know of a PostgreSQL database; None where no address is given."""
    if not _text(name):
        return None
    parts = urlsplit(_text(name))
    if parts.scheme not in ("postgres", "postgresql") or not parts.path.strip("/"):
        # The address may hold a password: it is not repeated.
        raise ImproperlyConfigured(f"{name}: give postgresql://USER:PASSWORD@HOST:PORT/NAME, or leave it unset.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": dict(parse_qsl(parts.query)).get("host", parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 0 if pool else 600,
        "CONN_HEALTH_CHECKS": True,  # of a server that was started anew, no dead connection is used
        "OPTIONS": {"connect_timeout": 5, **({"pool": _pool(pool)} if pool else {})},
    }


def _pool(size: int) -> dict[str, Any]:
    """What psycopg's pool is told: it grows when it is used, and who waits longer is told that the database is away.

    An attempt to connect is given up soon: else, after minutes without a database, the next one comes minutes late.
    """
    return {"min_size": 1, "max_size": size, "timeout": 3.0, "max_idle": 600.0, "reconnect_timeout": 1.0}


def _redis(name: str) -> str:
    value = _text(name)
    if value and urlsplit(value).scheme not in ("redis", "rediss", "unix"):  # it may hold a password: not repeated
        raise ImproperlyConfigured(f"{name}: give redis://:PASSWORD@HOST:PORT/0, or leave it unset.")
    return value


def _errors(name: str) -> dict[int, dict[str, Any]]:
    try:
        table = {int(code): dict(row) for code, row in json.loads(_text(name, "{}")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise _refuse(name, 'JSON such as {"806": {"status": 422, "es": "…", "en": "…"}}') from error
    return table


def _folder(path: Path, name: str = "APPTENTICATE_HOME") -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"{name}: {path} cannot be made ({error.strerror}).") from error
    return path


def _bucket(name: str) -> tuple[str, str] | None:
    """Bucket and prefix; None where a folder is named, or nothing."""
    value = _text(name)
    if not value or value.startswith(("/", "./", "../", "~")):
        return None
    named = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?", value)
    if named is None or ".." in value:
        raise _refuse(name, "a folder such as /srv/pictures, or s3://BUCKET/PREFIX")
    return named[1], (named[2] or "").strip("/")


def _collector(name: str) -> str:
    """Where spans are posted; the usual path where none is given."""
    value = _address(name)
    return value if not value or urlsplit(value).path.strip("/") else f"{value.rstrip('/')}/v1/traces"


def _address(name: str) -> str:
    value = _text(name)
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc):
        raise ImproperlyConfigured(f"{name}: give https://HOST:PORT, or leave it unset.")  # it may hold a password
    return value


def _key(name: str, make: Callable[[str], T]) -> T:
    """What `make` makes of a variable, which may hold a key: nobody repeats what it says."""
    try:
        return make(_text(name))
    except keys.BadKey as error:
        raise ImproperlyConfigured(f"{name} is no such key: give {error}, or leave it unset.") from None


def _bearer(name: str) -> str:
    """A token as RFC 6750 writes one; it is not repeated."""
    value = _text(name)
    if value and not re.fullmatch(r"[A-Za-z0-9._~+/-]{16,}=*", value):
        raise ImproperlyConfigured(f"{name}: give 16 or more of A-Z a-z 0-9 . _ ~ + / -, or leave it unset.")
    return value


def _refuse_if(unsafe: bool, why: str) -> None:
    if unsafe:
        raise ImproperlyConfigured(why)


# --- the environment --------------------------------------------------------------------------------------------------

DEBUG = _yes("APPTENTICATE_DEBUG")
HOME = _folder(Path(_text("APPTENTICATE_HOME", str(BASE_DIR / "state"))).expanduser().resolve())
DATABASE_POOL = _number("APPTENTICATE_DATABASE_POOL", 0, 0, 1000)
DATABASE = _database("APPTENTICATE_DATABASE", DATABASE_POOL)
REDIS = _redis("APPTENTICATE_REDIS")
BUCKET = _bucket("APPTENTICATE_STORAGE")
MEDIA_ROOT = HOME / "media"
if not BUCKET:
    MEDIA_ROOT = _folder(
        Path(_text("APPTENTICATE_STORAGE", str(MEDIA_ROOT))).expanduser().resolve(), "APPTENTICATE_STORAGE"
    )
STORAGE_ENDPOINT = _address("APPTENTICATE_STORAGE_ENDPOINT")
STORAGE_REGION = _text("APPTENTICATE_STORAGE_REGION")
STORAGE_KEY = _text("APPTENTICATE_STORAGE_KEY")
STORAGE_SECRET = _text("APPTENTICATE_STORAGE_SECRET")
KEYS = _folder(HOME / "keys")
SECRET_KEY = _key("APPTENTICATE_SECRET_KEY", lambda given: keys.secret(given, KEYS / "secret_key"))
TOKEN_ALGORITHM = _choice("APPTENTICATE_TOKEN_ALGORITHM", "HS256", set(keys.ALGORITHMS))
TOKEN_KEYS = _key("APPTENTICATE_TOKEN_KEY", lambda given: keys.token_keys(TOKEN_ALGORITHM, given, KEYS))
TOKEN_ISSUER = _text("APPTENTICATE_TOKEN_ISSUER", "apptenticate")
TOKEN_AUDIENCE = _text("APPTENTICATE_TOKEN_AUDIENCE", "apptenticate")
_FIRST_DATA_KEY = KEYS / "data_keys", lambda: keys.new_for_ring("1")
DATA_KEYS_FILE = None if _text("APPTENTICATE_DATA_KEYS") else KEYS / "data_keys"
DATA_KEYS = _key("APPTENTICATE_DATA_KEYS", lambda given: keys.ring(given or keys.kept(*_FIRST_DATA_KEY)))
SEARCH_KEY = _key("APPTENTICATE_SEARCH_KEY", lambda given: keys.secret(given, KEYS / "search_key"))
ALLOWED_HOSTS = list(_list("APPTENTICATE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"))
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
LOOPBACK_ALONE = set(ALLOWED_HOSTS) <= LOOPBACK
HTTPS = _yes("APPTENTICATE_HTTPS")
NUM_PROXIES = _number("APPTENTICATE_PROXIES", 0, 0, 10)
CORS_ALLOWED_ORIGINS = list(_list("APPTENTICATE_CORS_ORIGINS", ""))
CSRF_TRUSTED_ORIGINS = list(_list("APPTENTICATE_CSRF_TRUSTED_ORIGINS", ""))
LANGUAGE_CODE = _choice("APPTENTICATE_LANGUAGE", "es", {"es", "en"})
TIME_ZONE = _time_zone("APPTENTICATE_TIME_ZONE", "America/Mexico_City")
LOG_LEVEL = _choice("APPTENTICATE_LOG_LEVEL", "INFO", {"DEBUG", "INFO", "WARNING", "ERROR"})
METRICS_TOKEN = _bearer("APPTENTICATE_METRICS_TOKEN")
LOG_FORMAT = _choice("APPTENTICATE_LOG_FORMAT", "text", {"text", "json"})
TRACES = _collector("APPTENTICATE_TRACES")
TRACES_PERCENT = _number("APPTENTICATE_TRACES_PERCENT", 100, 0, 100)
ACCESS_MINUTES = _number("APPTENTICATE_ACCESS_MINUTES", 5, 1, 24 * 60)
REFRESH_MINUTES = _number("APPTENTICATE_REFRESH_MINUTES", 24 * 60, 1, 90 * 24 * 60)
LOCKOUT_FAILURES = _number("APPTENTICATE_LOCKOUT_FAILURES", 10, 3, 1000)
LOCKOUT_MINUTES = _number("APPTENTICATE_LOCKOUT_MINUTES", 15, 1, 24 * 60)
TOKEN_RATE = _rate("APPTENTICATE_TOKEN_RATE", "30/minute")

OCR_RATE = _rate("APPTENTICATE_OCR_RATE", "off")
OCR_READ_BY = _choice("APPTENTICATE_READ_BY", "processes", {"processes", "celery"})
OCR_PROCESSES = _number("APPTENTICATE_PROCESSES", min(len(os.sched_getaffinity(0)), 4), 0, 64)
OCR_SECONDS = _number("APPTENTICATE_READING_SECONDS", 30, 1, 600)
OCR_WAITING = _number("APPTENTICATE_WAITING", 30, 0, 1000)
OCR_PROMISES = _number("APPTENTICATE_PROMISES", 10_000, 0, 10_000_000)
# One process is left to whoever waits for an answer; workers elsewhere have a queue for what can wait.
OCR_BACKGROUND = _number("APPTENTICATE_BACKGROUND", 4 if OCR_READ_BY == "celery" else max(OCR_PROCESSES - 1, 1), 0, 64)
OCR_BATCH_CARDS = _number("APPTENTICATE_BATCH_CARDS", 500, 1, 10_000)
OCR_BATCH_LIMIT = _number("APPTENTICATE_BATCH_MEGABYTES", 100, 1, 2000) * 1024 * 1024
OCR_WEBHOOKS = _number("APPTENTICATE_WEBHOOKS", 2, 0, 64)
OCR_WEBHOOKS_PRIVATE = _yes("APPTENTICATE_WEBHOOKS_PRIVATE")
OCR_WEBHOOKS_DAYS = _number("APPTENTICATE_WEBHOOKS_DAYS", 30, 2, 3650)
OCR_PROCESS_MEGABYTES = _number("APPTENTICATE_PROCESS_MEGABYTES", 2000, 0, 1_000_000)
OCR_RETENTION_DAYS = _number("APPTENTICATE_RETENTION_DAYS", 30, 0, 3650)
OCR_FRONT_READERS = _list("APPTENTICATE_FRONT_READERS", "glance,ppocr,tesseract")
OCR_BACK_READERS = _list("APPTENTICATE_BACK_READERS", "glance,ppocr,passporteye")
OCR_MATCH_THRESHOLD = _number("APPTENTICATE_MATCH_THRESHOLD", 80, 0, 100)
OCR_LIFE_TEST = _choice("APPTENTICATE_LIFE_TEST", "report", {"off", "report", "enforce"})
OCR_LIFE_STRICTNESS = _choice("APPTENTICATE_LIFE_STRICTNESS", "balanced", {"permissive", "balanced", "strict"})
OCR_PIXEL_LIMIT = _number("APPTENTICATE_MEGAPIXELS", 50, 1, 500) * 1_000_000
OCR_FORMATS = _formats("APPTENTICATE_FORMATS", "jpeg")
OCR_RETRY_AFTER = _number("APPTENTICATE_RETRY_AFTER", 5, 1, 3600)
OCR_PAGE_SIZE = _number("APPTENTICATE_PAGE_SIZE", 50, 1, 1000)
OCR_ERRORS = _errors("APPTENTICATE_ERRORS")

# Beside the wheel that they are made from, so that whatever installs it can make them once: `./run setup` does.
OCR_MODELS = Path(sys.prefix) / "share" / "apptenticate"

OCR_BODY_LIMIT = 5 * 1024 * 1024  # the whole request's; contract.md, code 800

_refuse_if(
    DEBUG and not LOOPBACK_ALONE,
    "APPTENTICATE_DEBUG is on: it shows secrets to whoever makes a page fail. Leave it unset, or "
    "APPTENTICATE_ALLOWED_HOSTS, so that nobody else is answered.",
)
_refuse_if(
    OCR_READ_BY == "celery" and not REDIS,
    "APPTENTICATE_READ_BY is celery: give APPTENTICATE_REDIS, through which pictures and readings go.",
)
_refuse_if(
    bool(STORAGE_KEY) != bool(STORAGE_SECRET),
    "APPTENTICATE_STORAGE_KEY and APPTENTICATE_STORAGE_SECRET belong together: give both, or neither.",
)
_refuse_if(
    any(host.startswith(("*", ".")) for host in ALLOWED_HOSTS),
    "APPTENTICATE_ALLOWED_HOSTS has a wildcard: a forged host name would be believed. Name every host.",
)
_refuse_if(
    any(not re.fullmatch(r"https?://[^*/]+", origin) for origin in CORS_ALLOWED_ORIGINS),
    "APPTENTICATE_CORS_ORIGINS: name every origin, such as https://app.example, without a wildcard or a path.",
)


# --- Django -----------------------------------------------------------------------------------------------------------

ROOT_URLCONF = "apptenticate.urls"
WSGI_APPLICATION = "apptenticate.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # what it shows, `apptenticate.administration` loads
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "corsheaders",
    "csp",
    "axes",
    "auditlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "ocr",
]

MIDDLEWARE = [
    "ocr.logs.traced",
    "ocr.spans.traced",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "ocr.assets.found",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# IMMEDIATE: a transaction that will write takes the lock at its first statement and waits for it; a deferred one
# would fail at once with "database is locked" when it upgrades.
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": HOME / "database.sqlite3",
    "CONN_MAX_AGE": 600,
    "OPTIONS": {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        # secure_delete: what is erased is overwritten, not only let go. cache_size, in kilobytes: each of the threads
        # that serve has a connection, and a cache of its own.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; "
        "PRAGMA cache_size=-256",
    },
}
DATABASES = {"default": DATABASE or _SQLITE}

# What throttling counts: in files, so that all processes share one count, or in Redis, so that all machines do.
_IN_FILES = {
    "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
    "LOCATION": HOME / "cache",
    "OPTIONS": {"MAX_ENTRIES": 5000},
}
_IN_REDIS = {
    "BACKEND": "ocr.counters.Counters",
    "LOCATION": REDIS,
    "KEY_PREFIX": "apptenticate",
    "OPTIONS": {"serializer": "ocr.counters.AsJson", "socket_connect_timeout": 2, "socket_timeout": 2},
}
CACHES = {"default": _IN_REDIS if REDIS else _IN_FILES}

LANGUAGES = [("es", "Español"), ("en", "English")]
USE_TZ = True

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: no collectstatic step to forget
# Pictures are kept here and nowhere else. What is not given is what AWS's own variables, files and roles say.
BUCKET_OPTIONS: dict[str, Any] = {
    "bucket_name": BUCKET and BUCKET[0],
    "location": BUCKET and BUCKET[1],
    "endpoint_url": STORAGE_ENDPOINT or None,
    "region_name": STORAGE_REGION or os.environ.get("AWS_REGION") or "us-east-1",
    "access_key": STORAGE_KEY or None,
    "secret_key": STORAGE_SECRET or None,
    "security_token": None,  # it belongs to AWS's own key, not to one that is given here
    "addressing": "path" if STORAGE_ENDPOINT else "auto",  # a store of one's own has no name for every bucket
}
STORAGES = {
    "default": {"BACKEND": "ocr.buckets.Bucket", "OPTIONS": BUCKET_OPTIONS}
    if BUCKET
    else {"BACKEND": "ocr.files.Folder"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Uploads stay in memory, never in a temporary file; what is larger than the whole body may be is not even parsed.
FILE_UPLOAD_HANDLERS = ["ocr.uploads.InMemory"]
FILE_UPLOAD_MAX_MEMORY_SIZE = OCR_BODY_LIMIT
DATA_UPLOAD_MAX_MEMORY_SIZE = OCR_BODY_LIMIT

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Whoever guesses passwords is locked out of that account from that address; its owner elsewhere is not.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = LOCKOUT_FAILURES
AXES_COOLOFF_TIME = timedelta(minutes=LOCKOUT_MINUTES)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "ocr.views.address"
AXES_LOCKOUT_CALLABLE = "ocr.views.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # what fails is kept, not when everybody came
AXES_VERBOSE = False

# --- what a browser is told -------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.SELF],
        "img-src": [csp.SELF, "data:", "blob:"],  # blob: the page shows the pictures that it will send
        "style-src": [csp.SELF, csp.UNSAFE_INLINE],  # the docs page sets styles of its own
        "object-src": [csp.NONE],
        "base-uri": [csp.NONE],
        "form-action": [csp.SELF],
        "frame-ancestors": [csp.NONE],
    },
}
CORS_URLS_REGEX = r"^/(api|health)/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^api/health/", r"^metrics/?$"]  # probes and Prometheus ask the container itself
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and NUM_PROXIES else None

# --- Celery -----------------------------------------------------------------------------------------------------------

# A message is acknowledged when its document is answered, and one document is fetched at a time: what a killed worker
# was reading is read by another, what waits is not kept by one that is busy. Who is not heard of for so many seconds is
# taken for dead; one that only is slow reads for nothing, since the second answer is dropped.
CELERY_BROKER_URL = REDIS
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 10,
    "queue_order_strategy": "priority",  # as the worker names them: interactive first
    "socket_connect_timeout": 5,
    "retry_policy": {"timeout": 5.0},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = OCR_PROCESSES or 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = OCR_PROCESS_MEGABYTES * 1000 or None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TASK_SOFT_TIME_LIMIT = OCR_SECONDS
CELERY_TASK_TIME_LIMIT = OCR_SECONDS + 5

# --- REST framework ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["ocr.tokens.Bearer"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.JSONParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.CursorPagination",
    "PAGE_SIZE": OCR_PAGE_SIZE,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {"token": TOKEN_RATE, "ocr": OCR_RATE},
    "EXCEPTION_HANDLER": "ocr.exception_handler.exception_handler",
    "NUM_PROXIES": NUM_PROXIES,  # 0: X-Forwarded-For is whatever the client likes, so it is not looked at
}

# `rest_framework_simplejwt` is no installed app: its translations must not reach the answers (contract.md).
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=ACCESS_MINUTES),
    "REFRESH_TOKEN_LIFETIME": timedelta(minutes=REFRESH_MINUTES),
    "ALGORITHM": TOKEN_ALGORITHM,
    "SIGNING_KEY": TOKEN_KEYS[0],
    "VERIFYING_KEY": TOKEN_KEYS[1],
    "ISSUER": TOKEN_ISSUER,
    "AUDIENCE": TOKEN_AUDIENCE,
    "AUTH_HEADER_TYPES": ("Bearer",),
    "CHECK_REVOKE_TOKEN": True,  # a new password ends every token that was made with the old one
}

# On loopback alone nothing leaves the machine, so there is nothing for TLS to protect.
if not HTTPS and LOOPBACK_ALONE:
    SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]

API_VERSION = "3.2.0"
SPECTACULAR_SETTINGS = {
    "TITLE": "Apptenticate INE",
    "VERSION": API_VERSION,
    "DESCRIPTION": "Reads Mexican voter credentials (INE, IFE): two JPEG pictures in, the document's data out.",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["ocr.urls.documented"],
    "POSTPROCESSING_HOOKS": ["ocr.exception_handler.document_failures"],
}

# --- log --------------------------------------------------------------------------------------------------------------

_LINES: dict[str, dict[str, Any]] = {
    "text": {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"},
    "json": {"()": "ocr.logs.JsonLines"},
}
_HANDLER = {"class": "logging.StreamHandler", "formatter": "line", "filters": ["carrying"]}
# Where lines are JSON, gunicorn's are, too; as text they are as everybody knows them.
_GUNICORN: dict[str, dict[str, Any]] = {
    "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    "gunicorn.access": {"handlers": ["stdout"], "level": "INFO", "propagate": False},
}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"carrying": {"()": "ocr.logs.Carrying"}},
    "formatters": {"line": _LINES[LOG_FORMAT]},
    "handlers": {"stderr": _HANDLER, "stdout": _HANDLER | {"stream": "ext://sys.stdout"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": LOG_LEVEL, "propagate": False},
        "axes": {"level": "ERROR"},  # it repeats what was typed as a name, which may be a password
        "django.request": {"level": "ERROR"},  # what the client did wrong, the exception handler says with its code
        **(_GUNICORN if LOG_FORMAT == "json" else {}),
    },
}
# What gunicorn itself says, before there is a worker; it knows of no request.
_BARE = {
    "()": "pythonjsonlogger.json.JsonFormatter",
    "fmt": ("levelname", "name", "message", "process"),
    "rename_fields": {"levelname": "level", "name": "logger", "exc_info": "exception"},
    "timestamp": "time",
}
GUNICORN_LOGGING = {
    "formatters": {"line": _BARE},
    "handlers": {name: {**handler, "filters": []} for name, handler in LOGGING["handlers"].items()},
    "root": LOGGING["root"],
    "loggers": _GUNICORN,
}
