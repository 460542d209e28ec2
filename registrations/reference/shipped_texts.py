"""The refusal reasons and document request templates shipped with the portal; staff edit them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import models

from registrations.requests.document_models import AskingTemplate
from registrations.requests.models import RefusalReason


class ReasonProposal(NamedTuple):
    """A refusal reason. `text` is the reviewer's starting point: what is wrong, then how to correct
    it. When it is empty, the reviewer writes the explanation.
    """

    code: str
    label: str
    text: str
    may_resubmit: bool = True


SHIPPED_REASONS: Final = (
    ReasonProposal(
        "siret-identite",
        "Le SIRET ne correspond pas à l’établissement",
        "Le SIRET indiqué ne correspond pas à la raison sociale. Recopiez le SIRET et le nom "
        "depuis votre avis de situation Insee, puis renvoyez votre demande.",
    ),
    ReasonProposal(
        "cabinet-comptable",
        "Cabinet comptable",
        "{plateforme} n’accepte pas les demandes des cabinets comptables. L’entreprise que vous "
        "conseillez demande elle-même son accès, avec une adresse e-mail nominative.",
        may_resubmit=False,
    ),
    ReasonProposal(
        "adresse-generique",
        "Adresse e-mail générique ou partagée",
        "L’adresse e-mail de votre compte semble lue par plusieurs personnes. Créez un compte avec "
        "une adresse à votre nom, puis faites une nouvelle demande.",
        may_resubmit=False,
    ),
    ReasonProposal(
        "hors-branche",
        "Établissement hors du champ d’OPCO Mobilités",
        "L’activité de cet établissement ne relève pas d’une branche d’OPCO Mobilités. Si vous "
        "pensez le contraire, indiquez votre convention collective en nous répondant.",
        may_resubmit=False,
    ),
    ReasonProposal(
        "branche-inexacte",
        "Branche ou type d’établissement inexact",
        "La branche ou le type d’établissement choisi ne correspond pas à l’activité de "
        "l’établissement. Corrigez ce choix, puis renvoyez votre demande.",
    ),
    ReasonProposal(
        "etablissement-ferme",
        "Établissement fermé",
        "L’établissement de ce SIRET est fermé dans le répertoire Sirene. Indiquez le SIRET de "
        "l’établissement en activité, puis renvoyez votre demande.",
    ),
    ReasonProposal(
        "doublon",
        "Demande ou accès en double",
        "Un accès ou une autre demande existe déjà à votre nom pour cet établissement. "
        "Connectez-vous avec le compte qui le porte.",
        may_resubmit=False,
    ),
    ReasonProposal(
        "non-habilite",
        "Personne non habilitée par l’établissement",
        "L’établissement ne nous a pas confirmé que vous pouvez agir en son nom. Demandez à votre "
        "responsable d’écrire à votre délégation, puis renvoyez votre demande.",
    ),
    ReasonProposal(
        "injoignable",
        "Personne injoignable",
        "Nous n’avons pas réussi à vous joindre au numéro indiqué. Vérifiez votre numéro de "
        "téléphone, puis renvoyez votre demande.",
    ),
    ReasonProposal(
        "document-manquant",
        "Document manquant",
        "Il manque un document pour étudier votre demande. Préparez-le, puis renvoyez votre "
        "demande\u00a0: votre délégation vous dira comment le transmettre.",
    ),
    ReasonProposal(
        "profil-inadapte",
        "Profil souhaité inadapté",
        "Le profil souhaité ne correspond pas à votre fonction dans l’établissement. Choisissez-en "
        "un autre, puis renvoyez votre demande.",
    ),
    ReasonProposal(
        "identite-incomplete",
        "Nom ou prénom incomplet",
        "Le nom ou le prénom indiqué est incomplet ou abrégé. Écrivez-les en entier, puis renvoyez "
        "votre demande.",
    ),
    ReasonProposal("autre", "Autre motif", ""),
)


class AskingProposal(NamedTuple):
    code: str
    label: str
    message: str
    documents: str = ""


SHIPPED_ASKINGS: Final = (
    AskingProposal(
        "justificatif",
        "Justificatif des droits à agir",
        "Pour étudier votre demande {reference} concernant {raison_sociale}, merci de nous "
        "transmettre les éléments ci-dessous.",
        "Justificatif de vos droits à agir pour l’établissement (délégation de pouvoir, "
        "attestation de l’employeur…)",
    ),
    AskingProposal(
        "avis-insee",
        "Avis de situation Insee",
        "Le SIRET {siret} de votre demande {reference} est à confirmer. Merci de nous transmettre "
        "l’avis de situation de l’établissement, que le site de l’Insee délivre gratuitement.",
        "Avis de situation Insee de moins de trois mois",
    ),
    AskingProposal(
        "convention-collective",
        "Convention collective ou activité",
        "Pour vérifier que {raison_sociale} relève d’OPCO Mobilités, merci de nous indiquer "
        "la convention collective appliquée et l’activité principale de l’établissement.",
    ),
    AskingProposal(
        "fonction",
        "Fonction dans l’établissement",
        "Pour choisir le rôle qui vous convient, merci de nous indiquer votre fonction dans "
        "l’établissement {raison_sociale} et ce que vous comptez faire sur {plateforme}.",
    ),
)


def get_reason_labels(codes: Iterable[str]) -> dict[str, str]:
    """The current labels of these refusal reasons, for the journal, which stores codes."""
    found = RefusalReason.objects.filter(code__in=list(codes))
    return dict(found.values_list("code", "label"))


def load_shipped_texts(now: datetime, force: bool = False) -> list[str]:
    """Create the missing rows; `force` also restores the shipped wording. Idempotent."""
    return [
        _load_proposals("refusal reasons", RefusalReason.objects, SHIPPED_REASONS, force),
        _load_proposals("texts to ask with", AskingTemplate.objects, SHIPPED_ASKINGS, force),
    ]


def _load_proposals(
    what: str,
    rows: "models.Manager[Any]",
    proposals: Sequence[ReasonProposal | AskingProposal],
    force: bool,
) -> str:
    """Create or update the rows of `proposals`, whose fields are those of the model."""
    make = rows.update_or_create if force else rows.get_or_create
    created = 0
    for position, proposal in enumerate(proposals, start=1):
        facts = proposal._asdict() | {"position": position * 10}
        _, new = make(code=facts.pop("code"), defaults=facts)
        created += new
    return f"{what}: {created} created, {len(proposals) - created} kept"
