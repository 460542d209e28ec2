"""What the acts of the decision page say when they are done, and beside the mail before them."""

from typing import Any

from mgestion.outbox.catalogue.rendering import Message
from mgestion.text.dates import french_date
from registrations.desk.decision.context import DeskPage
from registrations.enrolment import emails
from registrations.requests.document_models import Asking
from registrations.requests.enums import RequestStatus
from registrations.requests.models import Request

PreviewFacts = tuple[tuple[str, str], ...]


def describe_sent_mail(words: str, letter: Message) -> str:
    return f"{words} L’e-mail «\u00a0{letter.subject}\u00a0» part à {letter.to}."


def describe_approval(page: DeskPage, done: Request) -> str:
    role = done.get_granted_role_display()
    words = f"Demande {done.reference} acceptée avec le rôle {role}."
    return describe_sent_mail(words, emails.approval_preview(done, role_label=role))


def describe_refusal(page: DeskPage, done: Request) -> str:
    return describe_sent_mail(f"Demande {done.reference} refusée.", emails.refusal_preview(done))


def list_refusal_facts(page: DeskPage, said: dict[str, Any]) -> PreviewFacts:
    reason = said["refusal"]
    may = "Oui, la personne peut renvoyer une demande corrigée"
    return (
        ("Motif enregistré", str(reason)),
        ("Correction possible", may if reason.may_resubmit else "Non, ce motif est définitif"),
    )


def describe_rerouting(page: DeskPage, done: Request) -> str:
    """A request moves to another délégation, to another branch, or to both."""
    words = f"La demande {done.reference} est"
    if done.delegation != page.item.delegation and done.delegation is not None:
        to = done.delegation
        return f"{words} transmise à {to.name}, prévenue à {to.email}."
    return f"{words} réorientée\u00a0: branche {done.branch}, DGA {done.dga}."


def list_asking_facts(page: DeskPage, said: dict[str, Any]) -> PreviewFacts:
    clock = "Le délai de 48\u00a0h s’arrête" if page.item.is_open else "L’accès reste ouvert"
    return (("Ensuite", f"{clock} jusqu’à la réponse"),)


def describe_last_day(awaited: Asking) -> str:
    last_day = french_date(awaited.last_day)
    return f"attendue jusqu’au {last_day} inclus (heure de Paris)"


def describe_message(page: DeskPage, done: Request) -> str:
    words = f"Message envoyé, demande {done.reference}\u00a0: un e-mail prévient la personne."
    if done.paused_at is not None and page.item.paused_at is None:
        return f"{words} Le délai est arrêté jusqu’à sa réponse."
    return f"{words} Le délai ne change pas."


def list_reopening_facts(page: DeskPage, said: dict[str, Any]) -> PreviewFacts:
    after: PreviewFacts = (
        ("Ensuite", "La demande revient dans la file avec un nouveau délai de 48\u00a0h"),
    )
    if page.item.status == RequestStatus.APPROVED:
        before = "Le rôle précédent est rendu aussitôt" if page.item.previous_role else ""
        after = (*after, ("Accès", before or "Retiré aussitôt"))
    return after
