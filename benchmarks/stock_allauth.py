"""The yardstick of the login: django-allauth with stock settings and templates, and its session
list (`allauth.usersessions`), since the portal has one.

A settings module; run as a program, it makes the tables and the people: `EMPTY` accounts that never
logged in, then as many with `PAST` sessions each.
"""

import os
import sys

import environ

SECRET_KEY = "a benchmark has no secret"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "benchmarks.stock_allauth_urls"
DATABASES = {
    "default": {
        **environ.Env.db_url_config(os.environ["DATABASE_URL"]),
        "NAME": "stock",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
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
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


def fill(count: int) -> None:
    from datetime import timedelta

    from allauth.account.models import EmailAddress
    from allauth.usersessions.models import UserSession
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from benchmarks.serving import PASSWORD, PAST

    now, hashed = timezone.now(), make_password(PASSWORD, hasher="md5")
    people = User.objects.bulk_create(
        User(username=f"p{number}", email=f"p{number}@garage.example.org", password=hashed)
        for number in range(2 * count)
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in people
    )
    for user in people[count:]:
        kept = {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": AUTHENTICATION_BACKENDS[0],
            "_auth_user_hash": user.get_session_auth_hash(),
        }
        data = SessionStore().encode(kept)
        keys = [f"{user.pk:08d}past{number:020d}" for number in range(PAST)]
        Session.objects.bulk_create(
            Session(session_key=key, session_data=data, expire_date=now + timedelta(days=14))
            for key in keys
        )
        UserSession.objects.bulk_create(
            UserSession(user=user, session_key=key, ip="127.0.0.1", user_agent="x") for key in keys
        )


if __name__ == "__main__":
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    call_command("migrate", verbosity=0)
    fill(int(sys.argv[1]))
