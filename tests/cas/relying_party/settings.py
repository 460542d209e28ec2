"""As the client's documentation says, and nothing more."""

import os

SECRET_KEY = "a-platform-of-the-tests"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.cas.relying_party.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ["RELYING_PARTY_DATABASE"],
        "OPTIONS": {"timeout": 20},
    }
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django_cas_ng",
]
# Its tables as the models say, at once.
MIGRATION_MODULES = dict.fromkeys(["auth", "contenttypes", "sessions", "django_cas_ng"])
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
AUTHENTICATION_BACKENDS = ["django_cas_ng.backends.CASBackend"]
SESSION_COOKIE_NAME = "platform_session"  # cookies know no port: beside the portal's on one machine
CSRF_COOKIE_NAME = "platform_csrf"
CAS_SERVER_URL = os.environ["RELYING_PARTY_CAS"]
CAS_VERSION = "3"
CAS_APPLY_ATTRIBUTES_TO_USER = True
CAS_RENAME_ATTRIBUTES = {"mail": "email", "givenName": "first_name", "sn": "last_name"}
