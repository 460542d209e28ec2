"""What a process draws once: it holds nothing that it was not given, and no page's own."""

import re
from typing import Any

import pytest
from django.template import Context, Template
from django.template.exceptions import TemplateSyntaxError
from django.test import Client
from django.utils.safestring import SafeString

from mgestion.templatetags.kept import MOST
from tests.factories.accounts import make_user


def shown(template: Template, **values: Any) -> str:
    return str(template.render(Context(values)))


def kept_in(template: Template) -> int:
    return len(template.nodelist[0].drawn)  # type: ignore[attr-defined]


def test_a_kept_part_is_drawn_once_for_each_value_of_its_key() -> None:
    template = Template(
        "{% kept staff=who.staff %}{% if staff %}agent{% else %}person{% endif %}{% endkept %}"
    )
    for staff in (True, False, True):
        assert shown(template, who={"staff": staff}) == ("agent" if staff else "person")
    assert kept_in(template) == 2


def test_a_kept_part_sees_nothing_of_the_page_but_its_key() -> None:
    template = Template("{% kept here=place %}[{% if name %}{{ name }}{% endif %}]{% endkept %}")
    assert shown(template, place="a", name="Jeanne") == "[]"
    assert shown(template, place="a", name="Ahmed") == "[]"


def test_what_is_live_is_drawn_for_each_page() -> None:
    template = Template("{% kept %}<p>{% live %}{{ name }}{% endlive %}</p>{% endkept %}")
    assert shown(template, name="Jeanne") == "<p>Jeanne</p>"
    assert shown(template, name="<b>") == "<p>&lt;b&gt;</p>"


def test_a_live_part_in_a_branch_that_is_not_drawn_stays_away() -> None:
    template = Template(
        "{% kept on=on %}{% if on %}{% live %}{{ a }}{% endlive %}{% endif %}"
        "{% live %}{{ b }}{% endlive %}{% endkept %}"
    )
    assert shown(template, on=False, a="1", b="2") == "2"
    assert shown(template, on=True, a="1", b="2") == "12"


@pytest.mark.parametrize("value", [1, 1.5, [], SafeString("x")])
def test_a_key_is_a_flag_or_a_name(value: object) -> None:
    """A row would go stale; a text that is markup equals one that has to be escaped."""
    with pytest.raises(TypeError):
        shown(Template("{% kept key=value %}{{ key }}{% endkept %}"), value=value)


def test_no_more_is_kept_than_a_few_combinations() -> None:
    template = Template("{% kept key=value %}{{ key }}{% endkept %}")
    for number in range(3 * MOST):
        assert shown(template, value=f"n{number}") == f"n{number}"
    assert kept_in(template) == MOST


@pytest.mark.parametrize(
    "source",
    [
        "{% kept %}{% csrf_token %}{% endkept %}",
        "{% kept %}{% if True %}{% csrf_token %}{% endif %}{% endkept %}",
        "{% kept %}{% block main %}{% endblock %}{% endkept %}",
        "{% kept %}{% live %}{% block main %}{% endblock %}{% endlive %}{% endkept %}",
        "{% kept %}{% kept %}{% endkept %}{% endkept %}",
        "{% kept user %}{% endkept %}",
    ],
)
def test_what_belongs_to_one_page_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template(source)


def test_a_live_part_stands_in_a_kept_one() -> None:
    with pytest.raises(TemplateSyntaxError):
        shown(Template("{% live %}{{ name }}{% endlive %}"), name="Jeanne")


# --- the frame of the pages -------------------------------------------------------------------

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@pytest.mark.django_db
def test_two_visitors_never_get_the_same_token() -> None:
    tokens = [TOKEN.findall(Client().get("/cas/login").text) for _ in range(2)]
    assert len(tokens[0]) == len(tokens[1]) == 2
    assert not set(tokens[0]) & set(tokens[1])


@pytest.mark.django_db
def test_the_header_is_that_of_whoever_looks() -> None:
    """Whoever looked before him."""
    visitor, person, agent = Client(), Client(), Client()
    person.force_login(make_user())
    agent.force_login(make_user(is_staff=True))
    for _ in range(2):
        seen = {
            who: client.get("/aide/").text
            for who, client in (("visitor", visitor), ("person", person), ("agent", agent))
        }
        assert [who for who, page in seen.items() if "Se déconnecter" in page] == [
            "person",
            "agent",
        ]
        assert [who for who, page in seen.items() if ">Gestion</a>" in page] == ["agent"]
        assert [who for who, page in seen.items() if ">M’inscrire</a>" in page] == ["visitor"]
        assert not set(TOKEN.findall(seen["person"])) & set(TOKEN.findall(seen["agent"]))


@pytest.mark.django_db
def test_the_navigation_says_where_one_is() -> None:
    client = Client()
    for _ in range(2):
        for path in ("/aide/", "/inscription/", "/cas/login"):
            found = re.search(
                r'site-nav__link[^>]*href="([^"]*)" aria-current', client.get(path).text
            )
            assert found is not None and found[1] == path
        assert 'site-nav__link" aria-current' not in client.get("/mentions-legales/").text
