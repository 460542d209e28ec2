"""Enumerations of this application."""

from typing import Final

from django.db import models


class Role(models.TextChoices):
    """The seven roles of the terms, exactly (CGU art. 1 and 4.2.3)."""

    GESTIONNAIRE = "gestionnaire", "Gestionnaire"
    ADMINISTRATEUR = "administrateur", "Administrateur"
    ADHERENT = "adherent", "Adhérent"
    PARTENAIRE = "partenaire", "Partenaire"
    CABINET_COMPTABLE = "cabinet_comptable", "Cabinet comptable"
    ADMINISTRATEUR_CABINET_RH = "administrateur_cabinet_rh", "Administrateur Cabinet RH"
    CONSULTANT = "consultant", "Consultant"

    @property
    def is_administrator(self) -> bool:
        """Answers for the accounts of the establishment."""
        return self in (Role.ADMINISTRATEUR, Role.ADMINISTRATEUR_CABINET_RH)


ADMINISTRATOR_ROLES: Final = tuple(role for role in Role if role.is_administrator)


class EstablishmentKind(models.TextChoices):
    """« Type d’établissement » (CGU art. 1). Each platform takes some of them: `AdmissionRule`."""

    ENTREPRISE = "entreprise", "Entreprise"
    CFA = "cfa", "Centre de formation d’apprentis (CFA)"
    OF = "of", "Organisme de formation (OF)"
    CABINET_COMPTABLE = "cabinet_comptable", "Cabinet comptable"
    CABINET_RH = "cabinet_rh", "Cabinet RH"

    @property
    def plural(self) -> str:
        """« Pour les entreprises », in lower case."""
        return {
            "entreprise": "entreprises",
            "cfa": "CFA",
            "of": "organismes de formation",
            "cabinet_comptable": "cabinets comptables",
            "cabinet_rh": "cabinets RH",
        }[self.value]


TRAINING_KINDS: Final = (EstablishmentKind.CFA, EstablishmentKind.OF)


class WayIn(models.TextChoices):
    """How people of a type of establishment come to a role on a platform."""

    FORM = "form", "proposé dans le formulaire"
    DEFAULT = "default", "donné d’office"
    LATER = "later", "demandé une fois l’accès ouvert"
    INVITATION = "invitation", "sur invitation ou par un agent"


class Dashboard(models.TextChoices):
    """The M-Gestion dashboards, by the service that the person is expected in."""

    AUTOMOBILE = "automobile", "Automobile"
    TRANSPORT = "transport", "Transport"
    URBAIN = "urbain", "Urbain"
    OF = "of", "CFA et organismes de formation"


class StaffRole(models.TextChoices):
    """What an OPCO agent may do in the administration."""

    NATIONAL = "national", "Administrateur national"
    REVIEWER = "reviewer", "Instructeur"
    AUDITOR = "auditor", "Auditeur (lecture seule)"
    DPO = "dpo", "Délégué à la protection des données"


class Principal(models.TextChoices):
    """What a platform knows a person by."""

    ID = "id", "identifiant permanent (recommandé)"
    EMAIL = "email", "adresse e-mail"


class Attribute(models.TextChoices):
    """What may be told of a person to a platform, by the names that its tickets carry."""

    MAIL = "mail", "adresse e-mail"
    GIVEN_NAME = "givenName", "prénom"
    SURNAME = "sn", "nom"
    DISPLAY_NAME = "displayName", "prénom et nom"
    PHONE = "telephoneNumber", "téléphone"
    ROLE = "role", "rôles sur la plateforme"
    SIRET = "siret", "SIRET des établissements"
    HABILITATION = "habilitation", "accès complets (SIRET:type:rôle)"


class ChangeKind(models.TextChoices):
    """What a platform's feed tells."""

    GRANTED = "granted", "accès accordé"
    CHANGED = "changed", "accès modifié"
    ENDED = "ended", "accès terminé"
    ERASED = "erased", "personne effacée"
    DISABLED = "disabled", "compte fermé pour l’instant"
    ENABLED = "enabled", "compte rouvert"
    IDENTITY = "identity", "identité changée"


class Scope(models.TextChoices):
    """What a token of the API may do."""

    ACTIVITY = "activity", "transmettre l’activité"
    SEARCH = "search", "chercher les habilitations"
    CHANGES = "changes", "lire les changements"


class EndReason(models.TextChoices):
    """Why an access ends: the codes that the journal keeps."""

    ASKED = "asked", "à la demande de la personne"
    LEFT = "left", "la personne a quitté l’établissement"
    ROLE = "role", "la personne n’a plus ce rôle"
    ESTABLISHMENT = "establishment", "l’établissement a fermé ou changé"
    MISTAKE = "mistake", "accès accordé par erreur"
    TERMS = "terms", "non-respect des conditions générales"
