"""The login page says where one is going, by a service or by a published link (R8, R9)."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.mark.req("R9", "D47")
@pytest.mark.parametrize(
    ("branche", "name"),
    [("automobile", "M-Gestion Entreprise"), ("urbain", "M-Gestion Entreprise"), ("of", "OF")],
)
def test_a_published_link_says_which_platform_waits(
    client: Client, branche: str, name: str
) -> None:
    html = client.get(f"/app/authenticate/{branche}", follow=True).text
    assert "Connectez-vous pour continuer vers M-Gestion" in html
    assert name in html.split("Connectez-vous pour continuer vers")[1].split("</p>")[0]


def test_another_page_of_the_portal_is_no_platform(client: Client) -> None:
    html = client.get("/compte/", follow=True).text
    assert "Un seul compte pour tous les services" in html
