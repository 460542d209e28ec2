"""Journal acts of this application: codes and French labels."""

from accounts.profile.enums import Right
from mgestion.journal.words import JournalAct, JournalWords


class ProfileAct(JournalAct):
    DATA_EXPORTED = "data.exported", "Données personnelles exportées"
    DATA_EXPORT_ASKED = "data.export_asked", "Copie des données demandée"
    DATA_EXPORT_BUILT = "data.export_built", "Copie des données préparée"
    IDENTITY_RECTIFIED = "identity.rectified", "Identité rectifiée"
    RIGHTS_RECEIVED = "rights.received", "Demande de droit reçue"
    RIGHTS_ACKNOWLEDGED = "rights.acknowledged", "Demande de droit\u00a0: accusé de réception"
    RIGHTS_EXTENDED = "rights.extended", "Demande de droit prolongée"
    RIGHTS_ANSWERED = "rights.answered", "Demande de droit\u00a0: réponse donnée"
    RIGHTS_REFUSED = "rights.refused", "Demande de droit refusée"
    RIGHTS_CLOSED = "rights.closed", "Demande de droit close"
    RIGHTS_NOTED = "rights.noted", "Demande de droit\u00a0: notes modifiées"
    RIGHTS_ACCOUNT_CLOSED = (
        "rights.account_closed",
        "Demande de droit\u00a0: fermeture du compte lancée",
    )
    SESSION_ENDED = "session.ended", "Session fermée"


WORDS = JournalWords(
    acts=ProfileAct,
    families={
        "data": "Données personnelles",
        "identity": "Identité",
        "rights": "Droits des personnes",
        "session": "Sessions (une)",
        "sessions": "Sessions (toutes)",
    },
    reasons={
        "rights": dict(Right.choices),
        "session": {"own": "par la personne elle-même"},
        "sessions": {"own": "par la personne elle-même"},
    },
    objects={"rights": "demande de droit"},
    details={"first_name": "prénom", "last_name": "nom", "phone": "téléphone"},
    authors={"profile.exports": "copies de données"},
)
