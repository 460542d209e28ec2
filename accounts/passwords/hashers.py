"""How passwords are stored."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PortalArgon2Hasher(Argon2PasswordHasher):
    """argon2id at 19 MiB, 2 passes, 1 lane: the OWASP minimum.

    Django's default takes 100 MiB a login, which eight threads turn into a lever to exhaust the
    memory.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
