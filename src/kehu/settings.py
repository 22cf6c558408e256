"""Django's settings, derived from `kehu.config` and nothing else."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.translation import gettext_lazy as _

from kehu.config import config
from kehu.web.csp import POLICY, allowing_forms_to

PACKAGE = Path(__file__).parent
SECRET_KEY = config.secret_key
DEBUG = config.debug
ALLOWED_HOSTS = list(config.allowed_hosts)
ROOT_URLCONF = "kehu.urls"
WSGI_APPLICATION = None
ASGI_APPLICATION = "kehu.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "govern.User"

ROOMS = [
    "core",
    "govern",
    "govern.consent",
    "govern.privacy",
    "extend",
    "feed",
    "collect",
    "clean",
    "resolve",
    "profile",
    "quality",
    "teamwork",
    "operate",
    "web",
    "api",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    *[f"kehu.{room}" for room in ROOMS],
]
MIDDLEWARE = [
    "kehu.web.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kehu.govern.sessions.SessionClockMiddleware",
    "kehu.govern.middleware.ActorMiddleware",
    "kehu.govern.second_factor.SecondFactorMiddleware",
    "kehu.govern.login_limits.LoginLimitMiddleware",
    "kehu.web.middleware.ShellMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "kehu.web.context.shell",
            ],
        },
    }
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "kehu.govern.passwords.GuessableValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # strangers get no mail because somebody typed their address
ACCOUNT_FORMS = {"reset_password": "kehu.govern.forgotten.ForgottenForm"}
_MAIL = urlsplit(config.mail_url)
EMAIL_HOST, EMAIL_PORT = _MAIL.hostname or "", _MAIL.port or (465 if _MAIL.scheme == "smtps" else 587)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_MAIL.username or ""), unquote(_MAIL.password or "")
EMAIL_USE_SSL, EMAIL_USE_TLS = _MAIL.scheme == "smtps", _MAIL.scheme == "smtp" and "tls=0" not in _MAIL.query
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = config.mail_from
ACCOUNT_ADAPTER = "kehu.govern.accounts.AccountAdapter"
MFA_ADAPTER = "kehu.govern.accounts.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator entered the address; nobody signs up
# Without https, browsers offer security keys on http://localhost alone: a try-out on one's own machine.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not config.public_url.startswith("https://")
REQUIRE_SECOND_FACTOR = config.require_second_factor
SOCIALACCOUNT_ADAPTER = "kehu.govern.accounts.SocialAccountAdapter"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # issuer and subject say who it is, never an address
SOCIALACCOUNT_STORE_TOKENS = False
OIDC_MAKES_ACCOUNTS = config.oidc is not None and config.oidc.makes_accounts
SOCIALACCOUNT_PROVIDERS = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "company",
                    "name": config.oidc.name,
                    "client_id": config.oidc.client_id,
                    "secret": config.oidc.client_secret,
                    "settings": {"server_url": config.oidc.issuer},
                }
            ],
        }
    }
    if config.oidc
    else {}
)
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_IDLE_FOR = timedelta(minutes=config.session_idle_minutes)
SESSION_WHOLE_FOR = timedelta(hours=config.session_hours)
SESSION_COOKIE_AGE = config.session_hours * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Served by https, cookies carry a name that no neighboring host and no plain connection can set.
IS_HTTPS = config.public_url.startswith("https://")
SESSION_COOKIE_NAME = "__Host-sessionid" if IS_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if IS_HTTPS else "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # taken away where no trusted proxy says it
CSRF_FAILURE_VIEW = "kehu.web.errors.csrf_failure"
CONTENT_SECURITY_POLICY = allowing_forms_to(config.oidc.issuer) if config.oidc else POLICY
X_FRAME_OPTIONS = "DENY"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "core_cache"}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = config.time_zone

STATIC_URL = "/static/"
STATIC_ROOT = config.data_dir / "static"
STATICFILES_FINDERS = [
    "kehu.web.stylesheet.StylesheetFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = config.data_dir / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]

# Facts derived from the inbox live in the schema `live`, which a rebuild swaps for a new one; the rest in `public`.
SEARCH_PATH = "live,public"


def database(url: str, search_path: str = SEARCH_PATH) -> dict[str, Any]:
    """Django's connection settings for a postgresql:// address (a socket folder may stand in ?host=)."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "kehu",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": query.pop("port", None) or parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**query, "options": f"-c search_path={search_path}"},
    }


# `kehu migrate` runs as the role that owns the tables, and makes new ones in `public`.
DATABASES = {
    "default": database(config.migrate_database_url, "public,live")
    if config.database_role == "migrate"
    else database(config.database_url)
}
