"""The acts of this room, as the journal shows them."""

ACTS = {
    "lifecycle": "Cycle de vie",
    "review": "Revues",
    "lifecycle.held": "Procédure retenue",
    "lifecycle.released": "Procédure reprise",
    "lifecycle.extended": "Échéances prolongées",
    "review.kept": "Droits ou suspension confirmés (revue)",
}
