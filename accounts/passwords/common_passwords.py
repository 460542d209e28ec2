"""What is guessed first: passwords that are used often, one word with digits around it, and walks
on the keyboard (S7, S16, ASVS 6.2.12). Pure, offline.
"""

import functools
import gzip
import re
import unicodedata
from pathlib import Path
from typing import Final

_LIST: Final = Path(__file__).parent / "data" / "common_passwords.txt.gz"

# What this trade types: makes, models, places, the day's words. The list holds the rest.
_TRADE: Final = frozenset(
    """
    abarth alfa alfaromeo alpine alternance apprenti apprentissage atelier audi auto autobus
    autocar automobile bateau benne bentley berline berlingo bmw boulogne bugatti bus cabriolet
    caddy camion camionnette camping car caravane carburant carrosserie cfa chassis chauffeur
    chevrolet chrysler citroen classe clio conducteur controle corsa coupe cupra cycles dacia daf
    daihatsu depannage diesel dodge ducati duster embrayage entreprise essence espace expert
    ferrari fiat fiesta focus ford formation fourgon frein garage garagiste golf gestion harley
    honda hyundai iveco jaguar jantes jeep jumper jumpy kangoo kawasaki kia klaxon lada lamborghini
    lancia land landrover lexus ligier livraison logistique lotus mazda man master mecanicien
    mecanique megane mercedes mini mitsubishi mobylette moteur moto mustang nissan opel parking
    partner peinture peugeot piece pieces pilote pneu pneus polo porsche poids poidslourd qashqai
    range renault roue roues route routier salut saab scania scenic scooter seat secretariat
    service simca skoda smart solex station subaru suzuki talbot taxi tesla touran toyota tracteur
    trafic transport transporter transports triumph twingo utilitaire vehicule vehicules velo
    vespa vidange vito voiture voitures volant volkswagen volvo yamaha yaris zafira zoe
    azerty bienvenue bonjour bonsoir changeme coucou motdepasse welcome
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
    lundi mardi mercredi jeudi vendredi samedi dimanche printemps ete automne hiver
    """.split()
)
# Rows of both keyboards, and columns as a finger goes down them.
_WALKS: Final = (
    "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm",
    "01234567890", "abcdefghijklmnopqrstuvwxyz",
    "1q2w3e4r5t6y7u8i9o0p", "1a2z3e4r5t6y7u8i9o0p",
    "1aqw", "2zsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm",
    "1qaz", "2wsx", "1qay", "8ik", "9ol", "0pm",
)  # fmt: skip
_MEANT: Final = str.maketrans("@4831057$!€", "aabeiostsie")
_SHORTEST: Final = 8  # below, the rule of length speaks
_LONGEST: Final = 15  # beyond, one word and its decoration is no longer what is tried first
_SHORT_WALK: Final = 3
_SIGNS: Final = 3
_DIGITS: Final = 6  # a year, a postal code, a day: free digits beyond these are worth something


@functools.cache
def _load_known() -> frozenset[str]:
    return frozenset(gzip.decompress(_LIST.read_bytes()).decode("utf-8").split("\n")) | _TRADE


def is_common(password: str) -> bool:
    """Whether `password` is on the list, or is one known word or walk with what people put around
    it. An accented letter or another script is worth more than the list (« Été2026! », S2).
    """
    if not _SHORTEST <= len(password) <= _LONGEST or any(
        ord(char) > 127 and char.isalpha() for char in password
    ):
        return False
    text = unicodedata.normalize("NFKC", password).casefold()
    known = _load_known()
    if text in known or _is_walked(text):
        return True
    return any(_is_decorated(form, known) for form in (text, _undisguise(text)))


def _undisguise(text: str) -> str:
    """« p3ug30t206 » → « peugeot206 »: signs that stand for letters between letters."""
    return re.sub(
        r"(?<=[a-z])[@48310$!5€7]+(?=[a-z])|^[@$]+(?=[a-z])|(?<=[a-z])[@$]+$",
        lambda found: found[0].translate(_MEANT),
        re.sub(r"(?<=[a-z])0(?=[a-z])", "o", text),
    )


def _is_decorated(text: str, known: frozenset[str]) -> bool:
    """One known word at most; around it digits, signs and single letters that a guesser adds."""
    parts = re.findall(r"[a-z]+|[0-9]+|[^a-z0-9]+", text)
    letters = [part for part in parts if part[0].isascii() and part[0].isalpha()]
    words = [part for part in letters if len(part) > 2]
    digits = [part for part in parts if part.isdigit()]
    signs = sum(len(part) for part in parts if not part.isalnum())
    if len(words) > 1 or signs > _SIGNS or sum(map(len, letters)) - sum(map(len, words)) > 2:
        return False
    free = sum(map(len, digits)) <= _DIGITS
    return all(_is_word(word, known) for word in words) and (
        (free and bool(words)) or all(map(_is_plain_number, digits))
    )


def _is_word(word: str, known: frozenset[str]) -> bool:
    singular = word.removesuffix("s")
    doubled = word[: len(word) // 2] if len(word) % 2 == 0 else ""
    return (
        word in known
        or singular in known
        or len(set(word)) <= 2
        or _is_walked(word)
        or (word == doubled * 2 and doubled in known)
    )


def _is_plain_number(digits: str) -> bool:
    """Short, a sequence, a repetition, or a date."""
    return (
        len(digits) <= 4
        or _is_walked(digits)
        or len(set(digits)) <= 2
        or bool(re.fullmatch(r"[0-3]\d[01]\d(?:19|20)?\d\d|(?:19|20)\d\d[01]\d[0-3]\d", digits))
    )


def _is_walked(text: str) -> bool:
    """Whether all but two characters lie on walks of three keys or more, either way."""
    if len(text) <= _SHORT_WALK:
        return False
    free = at = 0
    while at < len(text):
        walk = _measure_walk_at(text, at)
        free += not walk
        at += walk or 1
    return free <= 2


def _measure_walk_at(text: str, at: int) -> int:
    """How many characters from `at` on lie on one walk or are one key again; 0 for fewer than
    three.
    """
    longest = len(text) - len(text[at:].lstrip(text[at])) - at
    for walk in (*_WALKS, *(row[::-1] for row in _WALKS)):
        size = _SHORT_WALK
        while at + size <= len(text) and text[at : at + size] in walk:
            longest = max(longest, size)
            size += 1
    return longest if longest >= _SHORT_WALK else 0
