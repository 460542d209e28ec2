"""The login page says where one is going, by a service or by a published link (R8, R9)."""

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.mark.req("R9", "D47")
def test_a_published_link_says_which_platform_waits_and_another_page_names_none(
    client: Client,
) -> None:
    company = "M-Gestion Entreprise"
    for branche, name in (("automobile", company), ("urbain", company), ("of", "OF")):
        html = client.get(f"/app/authenticate/{branche}", follow=True).text
        assert "Connectez-vous pour continuer vers M-Gestion" in html
        assert name in html.split("Connectez-vous pour continuer vers")[1].split("</p>")[0]
    assert "Un seul compte pour tous les services" in client.get("/compte/", follow=True).text
