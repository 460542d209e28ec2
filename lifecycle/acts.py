"""The journal acts of the lifecycle, with their French labels."""

from lifecycle.enums import CaseCause, HoldReason, ProposalReason, ReviewKind
from mgestion.journal.words import JournalAct, JournalWords


class LifecycleAct(JournalAct):
    LIFECYCLE_HELD = "lifecycle.held", "Procédure retenue"
    LIFECYCLE_RELEASED = "lifecycle.released", "Procédure reprise"
    LIFECYCLE_MAIL_RETURNED = "lifecycle.mail_returned", "E-mail revenu non distribué"
    LIFECYCLE_LETTER_POSTED = "lifecycle.letter_posted", "Personne prévenue par lettre"
    LIFECYCLE_ADDRESS_PROPOSED = "lifecycle.address_proposed", "Correction de l’adresse proposée"
    LIFECYCLE_ADDRESS_CONFIRMED = "lifecycle.address_confirmed", "Correction de l’adresse confirmée"
    LIFECYCLE_ERASURE_PROPOSED = "lifecycle.erasure_proposed", "Effacement proposé"
    LIFECYCLE_ERASURE_CONFIRMED = "lifecycle.erasure_confirmed", "Effacement confirmé"
    LIFECYCLE_PROPOSAL_REFUSED = "lifecycle.proposal_refused", "Proposition écartée"
    LIFECYCLE_PROPOSAL_WITHDRAWN = "lifecycle.proposal_withdrawn", "Proposition retirée"
    LIFECYCLE_EXTENDED = "lifecycle.extended", "Échéances prolongées"
    REVIEW_KEPT = "review.kept", "Droits ou suspension confirmés (revue)"


WORDS = JournalWords(
    acts=LifecycleAct,
    families={
        "lifecycle": "Cycle de vie",
        "review": "Revues",
    },
    reasons={
        "account": {
            **dict(CaseCause.choices),
            "never_completed": "inscription jamais achevée",
            "mailbox_asked": "à la demande écrite de la personne, boîte injoignable",
            "mailbox_letter": "délai passé après une lettre, boîte injoignable",
            "reconciled": "supprimé de nouveau après une restauration",
        },
        "lifecycle": {**dict(HoldReason.choices), **dict(ProposalReason.choices)},
        "review": dict(ReviewKind.choices),
    },
    objects={"lifecycle": "cycle de vie"},
    authors={"lifecycle": "cycle de vie", "command": "commande d’exploitation"},
)
