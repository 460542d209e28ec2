"""Enumerations of this application."""

from django.db import models


class Right(models.TextChoices):
    """What the GDPR lets a person ask (articles 15 to 21; CGU art. 8, R121)."""

    ACCESS = "access", "accès à mes données"
    RECTIFICATION = "rectification", "rectification"
    ERASURE = "erasure", "effacement («\u00a0droit à l’oubli\u00a0»)"
    RESTRICTION = "restriction", "limitation du traitement"
    OBJECTION = "objection", "opposition"
    PORTABILITY = "portability", "portabilité"


class Channel(models.TextChoices):
    """How a request came."""

    PORTAL = "portal", "portail"
    EMAIL = "email", "e-mail"
    POST = "post", "lettre"


class RequestState(models.TextChoices):
    """Where a request stands. The first two wait for an answer."""

    RECEIVED = "received", "reçue"
    ACKNOWLEDGED = "acknowledged", "accusé de réception envoyé"
    ANSWERED = "answered", "réponse donnée"
    REFUSED = "refused", "refusée"
    CLOSED = "closed", "close"


OPEN = (RequestState.RECEIVED, RequestState.ACKNOWLEDGED)
