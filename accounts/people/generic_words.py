"""Words that name a shared mailbox, and words that only say where it is.

Sources: prefix lists in public code, and French examples. An unlisted word never refuses
anybody.
"""

ROLE_WORDS = frozenset(
    """
    contact contacts contactez info infos information informations accueil reception standard
    bonjour hello secretariat secretaire assistante assistant administration admin
    administrateur administratif adm bureau office compta comptabilite comptable comptables
    facturation facture factures fournisseur fournisseurs tresorerie finance finances gestion
    gestionnaire paie paye payes salaire salaires rh drh grh ressourceshumaines personnel
    recrutement recrutements recruteur emploi emplois candidature candidatures cv job jobs
    carriere carrieres stage stages alternance apprentissage formation formations formateur
    formateurs pedagogie scolarite inscription inscriptions direction directeur directrice dg
    dga daf dsi pdg gerant gerance gerante presidence president commercial commerciaux commerce
    vente ventes sales vendeur devis commande commandes achat achats approvisionnement livraison
    livraisons logistique expedition transport transports exploitation planning atelier sav
    garage magasin pieces carrosserie mecanique flotte parc depot qualite qse hse securite
    juridique legal dpo rgpd communication com marketing presse evenement support help aide
    assistance service services serviceclient serviceclients client clients technique tech
    informatique it noreply nepasrepondre donotreply webmaster postmaster hostmaster root abuse
    test mail email boite courrier team equipe agence site societe entreprise groupe siege
    adherent adherents partenaire partenaires opco opca cfa of mgestion
    """.split()
)

# They add a place or nothing to the word before them.
FILLER_WORDS = frozenset(
    "paris france fr sud nord agence site garage service pole equipe dept".split()
)

# Surnames and first words of real people too: refused only as a whole local part.
SURNAMES = frozenset({"bureau", "marchand", "garage", "paye", "stage"})

# Mailbox providers that people mistype.
KNOWN_DOMAINS = (
    "gmail.com",
    "hotmail.fr",
    "hotmail.com",
    "outlook.fr",
    "outlook.com",
    "live.fr",
    "yahoo.fr",
    "yahoo.com",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "sfr.fr",
    "laposte.net",
    "icloud.com",
    "protonmail.com",
    "bbox.fr",
    "neuf.fr",
    "numericable.fr",
    "opcomobilites.fr",
)
