"""One settings module; the environment is the only thing that differs between machines."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var")).resolve()


# A role may keep defaults for its own connections: each says these itself (docs/adr/0058).
_OF_ALL = {
    "search_path": "public",
    "row_security": "on",
    "default_transaction_read_only": "off",
    "default_transaction_isolation": "read\\ committed",
}


def database(url: str, **limits: str) -> dict:
    """Django settings of `postgresql://user:password@host:port/name?host=/socket/folder`.

    Args:
        limits: settings that PostgreSQL keeps for each connection, as `lock_timeout="5s"`.
    """
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": query.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": " ".join(f"-c {k}={v}" for k, v in (_OF_ALL | limits).items()),
            **query,
        },
    }


def secret(name: str, default: str) -> str:
    """A secret of the environment, else of the file that `<name>_FILE` names."""
    file = os.environ.get(f"{name}_FILE")
    if file and name not in os.environ:
        return Path(file).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def switched_on(name: str) -> bool:
    return os.environ.get(name, "0") == "1"


DEBUG = switched_on("DEBUG")
# None by default: nothing is served (sprocep/wsgi.py) nor signed without one. The key of a
# developer's screen bears the prefix that `check --deploy` refuses.
SECRET_KEY = secret("SECRET_KEY", f"django-insecure-{BASE_DIR}" if DEBUG else "")
# Former keys, separated by commas: passwords go on opening their accounts (docs/adr/0059).
SECRET_KEY_FALLBACKS = [k for k in secret("SECRET_KEY_FALLBACKS", "").split(",") if k]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "sprocep",
    "regions",
    "operators",
    "beneficiaries",
    "indicators",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sprocep.logs.one_line_a_request",
    "sprocep.compression.compressed_pages",
    "csp.middleware.CSPMiddleware",
    "regions.doors.limited_doors",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "regions.middleware.scope_of_membership",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "sprocep.urls"
WSGI_APPLICATION = "sprocep.wsgi.application"
FORM_RENDERER = "sprocep.fields.WrittenFields"
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
                "regions.context.who_and_where",
                "beneficiaries.context.journeys_waiting",
                "indicators.context.editions_waiting",
            ],
        },
    },
]

# Three roles, three connection strings (docs/architecture.md): `default` serves requests as
# sprocep_app, `owner` migrates, `compiler` computes the figures.
_APP_URL = secret("DATABASE_URL", "postgresql://sprocep_app@/sprocep")
_OWNER_URL = secret("DATABASE_OWNER_URL", "postgresql://sprocep_owner@/sprocep")
_COMPILER_URL = secret("DATABASE_COMPILER_URL", "postgresql://sprocep_compiler@/sprocep")
# Nobody holds the others up (docs/adr/0013): web servers say so by sprocep/wsgi.py, the rest are
# tasks. The compiler may wait for the cells that another worker is building.
_OF_REQUESTS = {"statement_timeout": "10s", "idle_in_transaction_session_timeout": "60s"}
_OF_TASKS = {"statement_timeout": "300s", "idle_in_transaction_session_timeout": "300s"}
_LIMITS = _OF_REQUESTS if switched_on("ANSWERS_REQUESTS") else _OF_TASKS
DATABASES = {
    "default": database(_APP_URL, lock_timeout="5s", **_LIMITS)
    | {"ATOMIC_REQUESTS": True, "TEST": {"MIRROR": "owner"}},
    "owner": database(_OWNER_URL, lock_timeout="5s"),
    "compiler": database(_COMPILER_URL, **_OF_TASKS) | {"TEST": {"MIRROR": "owner"}},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "regions.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "regions.login.Accounts",
]
LOGIN_URL = "regions:login"
LOGIN_REDIRECT_URL = "regions:home"
LOGOUT_REDIRECT_URL = "regions:login"
PASSWORD_HASHERS = ["regions.hashing.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email",)},
    },
]

# Wrong passwords and codes are counted by account and address, by address, by account
# (regions/throttle.py); a browser that opened an account is known by a cookie.
FREE_FAILURES_OF_AN_ADDRESS, FREE_FAILURES_OF_AN_ACCOUNT = 20, 50
LONGEST_DELAY = timedelta(minutes=1)
DEVICE_COOKIE_SALT = "sprocep.device"
DEVICE_COOKIE_SECONDS = 180 * 24 * 3600
DEVICE_ACCOUNTS = 8
# What one address may send to public pages, in each process (regions/doors.py): so many at once,
# and one more each so many seconds.
DOOR_BURST = int(os.environ.get("DOOR_BURST", "20"))
DOOR_SECONDS = 10
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_HANDLER = "regions.throttle.FewTraces"
AXES_USERNAME_CALLABLE = "regions.throttle.account_key"
AXES_CLIENT_IP_CALLABLE = "regions.throttle.client_address"
AXES_LOCKOUT_CALLABLE = "regions.throttle.refused"
AXES_USERNAME_FORM_FIELD = "username"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken", "next", "digits"]
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = AXES_VERBOSE = False
PROXIES = int(os.environ.get("PROXIES", "0"))

# EMAIL_URL=smtp://user:password@host:587 (STARTTLS), smtps://…:465, or smtp://host:25?tls=0 for a
# relay of the same machine. Without it letters are files: the demonstration sends none.
_MAIL = urlsplit(secret("EMAIL_URL", ""))
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _MAIL.scheme else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_HOST = _MAIL.hostname or "localhost"
EMAIL_PORT = _MAIL.port or (465 if _MAIL.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_MAIL.username or ""), unquote(_MAIL.password or "")
EMAIL_USE_SSL = _MAIL.scheme == "smtps"
EMAIL_USE_TLS = _MAIL.scheme == "smtp" and "tls=0" not in _MAIL.query
EMAIL_TIMEOUT = 10
# RETURNED_MAIL_URL=pop3s://account:password@host:995, or pop3:// for a server of the same machine:
# the mailbox of EMAIL_FROM, where reports of non-delivery come.
RETURNED_MAIL_URL = secret("RETURNED_MAIL_URL", "")
if urlsplit(RETURNED_MAIL_URL).scheme not in ("", "pop3", "pop3s"):
    raise ImproperlyConfigured("RETURNED_MAIL_URL begins with pop3s:// (or pop3://).")
# SMS_URL=https://:token@gateway/messages, or file: to leave them under var/sms; without it, none.
_SMS = urlsplit(secret("SMS_URL", ""))
SMS_BACKEND = {
    "": "",
    "file": "sprocep.sms.in_a_file",
    "http": "sprocep.sms.by_http",
    "https": "sprocep.sms.by_http",
}[_SMS.scheme]
SMS_TOKEN = unquote(_SMS.password or "")
SMS_URL = _SMS._replace(netloc=_SMS.netloc.rpartition("@")[2]).geturl()
SMS_FILE_PATH = VAR_DIR / "sms"
# Webhooks leave over https for the internet; tests and the demonstration have one at home too.
WEBHOOKS_TO_LOOPBACK = switched_on("WEBHOOKS_TO_LOOPBACK")
# Where the links of letters lead.
SITE_URL = os.environ.get("SITE_URL", f"https://{ALLOWED_HOSTS[0]}").rstrip("/")
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "sprocep <ne-pas-repondre@sprocep.example>")

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", VAR_DIR / "static"))
# Only what the pages use, vendored by scripts/vendor_static.py.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATE_BRAND = switched_on("STATE_BRAND")

# Loopback over plain http (make demo, tests) cannot carry Secure cookies.
_SECURE = not switched_on("INSECURE_COOKIES")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _SECURE
SESSION_COOKIE_NAME = "__Host-login" if _SECURE else "login"
CSRF_COOKIE_NAME = "__Host-csrf" if _SECURE else "csrf"
PERSON_COOKIE_NAME = "__Host-person" if _SECURE else "person"
DEVICE_COOKIE_NAME = "__Host-device" if _SECURE else "device"
SESSION_ENGINE = "regions.login"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
IDLE_SECONDS_NOMINAL = 30 * 60
SECURE_SSL_REDIRECT = _SECURE
SECURE_REDIRECT_EXEMPT = [r"^sante/"]  # asked for beside the process, before any TLS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# The API (docs/api.md): JSON and nothing else, read only but for fiches, described by
# docs/openapi.yaml.
API_REQUESTS_A_MINUTE = 120
REST_FRAMEWORK = {
    # Of a view that is no `regions.api.Reading`: nobody is let in.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "sprocep.api.Described",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "sprocep.api.refusal",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "sprocep : lecture des tableaux de bord du CEP, échange de fiches de liaison",
    "DESCRIPTION": (
        "Régions, départements, opérateurs, nomenclatures, définitions, éditions scellées et leurs "
        "valeurs : tout se lit, rien ne s’écrit. Fiches de liaison : le logiciel d’une structure "
        "les lit, en envoie et y répond. Mode d’emploi : docs/api.md."
    ),
    "VERSION": "1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

CELERY_BROKER_URL = secret("BROKER_URL", "redis://127.0.0.1:6379/0")
CELERY_TASK_SERIALIZER = "signed"  # sprocep.messages
CELERY_ACCEPT_CONTENT = ["signed"]
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # its messages bear no signature
# What anybody may ask for has a queue of its own, read when the other is empty: their names are in
# this order, which is that of `queue_order_strategy`.
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_QUEUES = [Queue("celery"), Queue("public")]
CELERY_TASK_ROUTES = {
    "regions.tasks.send_reset_link": {"queue": "public"},
    "beneficiaries.tasks.send_factor": {"queue": "public"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 1500  # a protection may take minutes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "queue_order_strategy": "sorted",
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# Yearly secrets of the person keys, outside the database (docs/adr, data model 9).
PERSON_KEYS_FILE = Path(os.environ.get("PERSON_KEYS_FILE", VAR_DIR / "person_keys.json"))
EDITIONS_DIR = VAR_DIR / "editions"
# The same sentence on every page and file.
SECRECY_NOTICE = "secret statistique primaire et secondaire appliqué"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "sprocep.logs.JsonLines"},
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            # Only on a developer's screen do errors show what was typed.
            "formatter": "line" if DEBUG else "json",
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        # Without Django's handlers: they would mail requests and local values.
        "django": {"handlers": [], "level": "INFO"},
        # A refused request has its line already (sprocep.logs); only its error is more.
        "django.request": {"level": "ERROR"},
        "gunicorn.error": {"handlers": [], "propagate": True},
    },
}
