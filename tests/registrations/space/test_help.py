"""The help page: seven steps in order, who may ask, answers to the usual questions."""

import html
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def help_page(client: Client) -> str:
    response = client.get(reverse("registrations:help"))
    assert response.status_code == 200
    return response.content.decode().split("<main", 1)[1].split("</main>", 1)[0]


def words(page: str) -> str:
    text = html.unescape(re.sub(r"<[^>]+>", " ", page))
    return re.sub(r" ([.,])", r"\1", re.sub(r"[\s\u00a0\u202f]+", " ", text))


@pytest.mark.req("R10")
def test_the_seven_steps_come_in_order_each_with_a_described_picture(help_page: str) -> None:
    steps = help_page.split('<li id="etape-')[1:]
    titles = [re.findall(r"<h3>(.*?)</h3>", step)[0] for step in steps]
    assert titles == [
        "Récupérer le lien",
        "Comprendre les deux modules",
        "Renseigner son adresse mail",
        "Choisir un mot de passe",
        "Remplir le formulaire",
        "Transmettre la demande",
        "Se connecter",
    ]
    for number, step in enumerate(steps, start=1):
        assert re.search(r'<img[^>]* alt="[^"]{20,}"', step)
        assert finders.find(f"img/aide/etape-{number}.jpg")


@pytest.mark.req("R3", "R4", "R5", "R6", "R22", "D10", "R41", "R133")
def test_the_help_says(help_page: str) -> None:
    said = words(help_page)
    for fact in (
        "employé ou employée : d’une entreprise de la branche automobile ou transport",
        "centre de formation d’apprentis (CFA) ou d’un organisme de formation",
        "c’est un lien public",
        "une adresse e-mail nominative",
        "au moins 8 caractères, dont une majuscule, une minuscule et un chiffre",
        "sous un délai pouvant aller jusqu’à 48 h",
        "n’accepte pas les demandes des cabinets comptables",
        "« Le service de proximité »",
    ):
        assert fact in said


@pytest.mark.req("R9", "D47")
def test_the_help_gives_the_direct_link_of_each_branch(help_page: str) -> None:
    for branch in ("automobile", "transport", "urbain", "of"):
        assert f'href="{reverse("registrations:authenticate", args=[branch])}"' in help_page


@pytest.mark.req("S57")
def test_the_help_keeps_french_typography(help_page: str) -> None:
    text = html.unescape(re.sub(r"<[^>]+>", "", help_page))
    assert "'" not in text
    assert not re.search(r"(?<=\S) [:;?!»]|« ", text)
