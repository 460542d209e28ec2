"""Demo data: a short conversation between an applicant and the agent who holds the request."""

import io
import uuid
from datetime import datetime, timedelta
from typing import Final

from django.core.files import File

from accounts.people.models import User
from registrations.conversation.flows import send_message, write_to_applicant
from registrations.demo.documents import make_pdf
from registrations.desk.acts.assign import take_request
from registrations.documents.files import store_file
from registrations.documents.received_files import ReceivedFile
from registrations.requests.enums import FileKind, ScanResult
from registrations.requests.models import Request

_QUESTION: Final = (
    "Bonjour,\n\nNotre dépôt a changé d’adresse le mois dernier. Le SIRET que j’ai donné est celui "
    "du nouveau dépôt\u00a0: est-ce le bon\u202f?"
)
_ANSWER: Final = (
    "Bonjour,\n\nOui, c’est le bon. Pouvez-vous joindre ici l’attestation de votre "
    "employeur\u202f? L’étude de votre demande continue pendant ce temps."
)
_DOCUMENT: Final = "La voici. Bonne journée."


def talk_about_request(request: Request, agent: User, at: datetime) -> None:
    """The applicant asks, the agent who takes the request answers, a document comes."""
    take_request(request.pk, actor_user=agent, now=at)
    send_message(
        request.pk,
        user=request.user,
        text=_QUESTION,
        form_token=uuid.uuid4(),
        now=at + timedelta(minutes=20),
    )
    request.refresh_from_db(fields=["version"])
    write_to_applicant(
        request.pk,
        version=request.version,
        text=_ANSWER,
        form_token=uuid.uuid4(),
        actor_user=agent,
        now=at + timedelta(minutes=70),
    )
    data = make_pdf(
        "Attestation de l'employeur",
        (
            f"{request.company_name}, SIRET {request.siret}",
            f"{request.full_name} fait partie de notre établissement.",
            "Document inventé pour la démonstration.",
        ),
    )
    stored = store_file(File(io.BytesIO(data), name="attestation.pdf"))
    send_message(
        request.pk,
        user=request.user,
        text=_DOCUMENT,
        files=[ReceivedFile(stored, "attestation-employeur.pdf", FileKind.PDF, ScanResult.NONE)],
        form_token=uuid.uuid4(),
        now=at + timedelta(minutes=150),
    )
