"""The invented names and texts of the demo crowd."""

from typing import Final

FIRST_NAMES: Final = (
    "Agathe", "Amir", "Anaïs", "Basile", "Bérénice", "Célia", "Clément", "Dalia", "Damien",
    "Élise", "Émile", "Fatou", "Florian", "Gaëlle", "Gaspard", "Hélène", "Idriss", "Inaya",
    "Jeanne", "Joachim", "Karim", "Lina", "Loïc", "Maëlys", "Malik", "Maud", "Noé", "Oriane",
    "Pablo", "Quentin", "Romane", "Salomé", "Théo", "Ulysse", "Victoire", "Wassim", "Yasmine",
    "Zoé",
)  # fmt: skip
LAST_NAMES: Final = (
    "Exemple", "Fictif", "Factice", "Imaginaire", "Inventé", "Modèle", "Maquette", "Témoin",
    "Chimère", "Esquisse", "Fabule", "Légende", "Mirage", "Utopie", "Hypothèse", "D’Essai",
    "Fictif-Exemple", "Le Factice", "De la Fable", "Prototype",
)  # fmt: skip
# The trade, the type of establishment, and branches that may go with it.
TRADES: Final = (
    ("Garage", "entreprise", "automobile", "garage"),
    ("Carrosserie", "entreprise", "automobile", "carrosserie"),
    ("Atelier moto", "entreprise", "automobile", "moto"),
    ("Auto-école", "entreprise", "automobile", "autoecole"),
    ("Transports", "entreprise", "transport-routier", "transports"),
    ("Ambulances", "entreprise", "transport-routier", "ambulances"),
    ("Messagerie", "entreprise", "transport-routier", "messagerie"),
    ("Autocars", "entreprise", "tourisme", "autocars"),
    ("Tramways", "entreprise", "urbain", "tramways"),
    ("Bus urbains", "entreprise", "urbain", "bus"),
    ("Chaudronnerie ferroviaire", "entreprise", "ferroviaire", "rail"),
    ("Remorquage fluvial", "entreprise", "fluvial", "fluvial"),
    ("CFA", "cfa", "", "cfa"),
    ("Formation", "of", "", "formation"),
)
NAF: Final = {
    "automobile": "45.20A",
    "transport-routier": "49.41A",
    "tourisme": "49.39B",
    "urbain": "49.31Z",
    "ferroviaire": "30.20Z",
    "fluvial": "50.40Z",
    "": "85.32Z",
}
PLACES: Final = (
    "de la Comète", "des Tilleuls", "du Vieux Pont", "de l’Écluse", "des Trois Lunes", "du Héron",
    "de la Clairière", "des Quatre Vents", "du Cap Vert", "de l’Aubépine", "de la Boussole",
    "du Phare", "des Cigales", "de l’Étoile", "du Belvédère", "de la Marelle", "du Grand Large",
    "de l’Orme", "des Mésanges", "du Moulin Bleu", "de la Passerelle", "du Sextant",
    "des Hirondelles", "de la Dune",
)  # fmt: skip
# Départements by délégation, the most frequent first.
DEPARTMENTS: Final = (
    ("75", "92", "93", "94", "77", "78", "91", "95"),
    ("69", "38", "63", "74", "42", "01"),
    ("31", "34", "66", "81"),
    ("33", "87", "64", "17"),
    ("13", "06", "83", "2A"),
    ("35", "29", "56"),
    ("59", "62", "80"),
    ("44", "49", "85"),
    ("67", "57", "51"),
    ("76", "14"),
    ("21", "25"),
    ("45", "37"),
    ("974", "971", "972", "973"),
)
# How often each of them; of the open requests, none of the third: it could take those of others.
WEIGHTS: Final = (24, 20, 18, 5, 10, 4, 4, 4, 3, 2, 2, 2, 2)
OPEN_WEIGHTS: Final = (26, 18, 0, 8, 9, 6, 7, 6, 6, 4, 3, 3, 4)
NOTES: Final = (
    "Appelée ce matin\u00a0: confirme la fonction, rappelle avec l’attestation.",
    "L’employeur confirme par téléphone.",
    "Deux demandes du même groupe cette semaine\u00a0: à traiter ensemble.",
    "Vu avec la DGA\u00a0: branche correcte.",
    "Adresse vérifiée sur le site de l’entreprise.",
    "Messagerie pleine, nouvel essai demain.",
)
DEMO_ASKINGS: Final = (
    (
        "Pour étudier votre demande, merci de nous transmettre l’élément ci-dessous.",
        "Attestation de l’employeur, datée de moins de trois mois",
    ),
    (
        "Le SIRET indiqué est celui du siège\u00a0: précisez l’établissement où vous travaillez.",
        "Avis de situation Insee de l’établissement",
    ),
    (
        "Merci de nous montrer que vous pouvez agir au nom de l’établissement.",
        "Délégation de pouvoir signée\nExtrait Kbis de moins de trois mois",
    ),
)
DEMO_ANSWERS: Final = (
    "Bonjour, voici le document demandé. Bien à vous.",
    "Vous trouverez l’attestation en pièce jointe.",
    "Notre établissement est bien celui de l’avis joint.",
)
# Code of the reason, its frequency, the agent's internal note.
REASONS: Final = (
    ("siret-identite", 14, "Le SIRET est celui du siège."),
    ("non-habilite", 9, "L’employeur n’a pas confirmé."),
    ("hors-branche", 7, "Convention collective d’une autre branche."),
    ("doublon", 6, ""),
    ("document-manquant", 6, "Sans réponse après le rappel."),
    ("profil-inadapte", 5, ""),
    ("etablissement-ferme", 8, "Fermé au répertoire."),
    ("injoignable", 3, "Trois appels sans réponse."),
    ("cabinet-comptable", 7, "Activité 69.20 au répertoire."),
    ("adresse-generique", 2, ""),
)
