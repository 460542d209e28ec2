"""The list of known contacts: a whole file or nothing, with what to mend on each line."""

import html

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.habilitations.enums import StaffRole
from mgestion.journal.models import Detail, Entry
from registrations.evidence.contact_files import ContactLine, read_contact_file
from registrations.evidence.contact_flows import purge_old_contacts, replace_known_contacts
from registrations.evidence.models import KnownContact
from tests.effort import examples
from tests.factories.habilitations import NOW, make_staff
from tests.factories.people import client_of

PAGE = "/admin/registrations/knowncontact/importer/"
GOOD = (
    "adresse;siret;nom\nada@garage.example.org;;Ada Fictive\nbob@bus.example.org;99980262200012;\n"
)


def send(client: Client, text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    answer = client.post(PAGE, {"contacts": SimpleUploadedFile("liste.csv", data)}, follow=True)
    assert answer.status_code == 200
    return html.unescape(answer.text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "Ligne 1\u00a0: La première ligne doit nommer les colonnes"),
        ("adresse;nom\nx@y.example.org;X\n", "Il manque\u00a0: siret"),
        ("adresse;siret;nom\n", "ne contient aucun contact"),
        ("adresse;siret;nom\nx@y.example.org;;\nx.example.org;;\n", "Ligne 3"),
        ("adresse;siret;nom\n;;Ada\n", "obligatoire"),
        ("adresse;siret;nom\nx@y.example.org;123;\n", "siret «\u00a0123\u00a0»"),
        ("adresse;siret;nom\nX@y.example.org;;\nx@Y.example.org;;\n", "Déjà ligne 2"),
        ("adresse;siret;nom\nx@y.example.org;;" + "a" * 161, "160\u00a0caractères"),
        (b"PK\x03\x04\x00\x00", "Ce n’est pas un fichier de texte"),
        ('adresse;siret;nom\n"x@y.example.org;;\n' + "a" * 140_000, "illisible"),
    ],
)
def test_a_file_with_a_fault_says_which_line_and_what_to_mend(
    text: str | bytes, words: str
) -> None:
    lines, faults = read_contact_file(text.encode() if isinstance(text, str) else text)
    assert not lines
    assert any(words in f"Ligne {fault.line}\u00a0: {fault.words}" for fault in faults), faults


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_what_spreadsheets_write_is_read(encoding: str, separator: str) -> None:
    text = "Adresse;SIRET;Nom\r\nada@garage.example.org;999 802 622 00012;Étoile\r\n;;\r\n"
    lines, faults = read_contact_file(text.replace(";", separator).encode(encoding))
    assert not faults
    assert lines == [ContactLine("ada@garage.example.org", "99980262200012", "Étoile")]


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda t: ("adresse;siret;nom\n" + t).encode("utf-8", "replace"))
)
@settings(max_examples=examples(40, 2000))
def test_no_file_breaks_the_reader_nor_is_half_taken(data: bytes) -> None:
    lines, faults = read_contact_file(data)
    assert bool(lines) != bool(faults)


@pytest.mark.django_db
def test_a_good_file_replaces_the_list_and_a_bad_one_leaves_it(reference: None) -> None:
    agent = make_staff(StaffRole.NATIONAL)
    client = client_of(agent)
    assert "2\u00a0contacts enregistrés" in send(client, GOOD)
    assert set(KnownContact.objects.values_list("address_key", "siret")) == {
        ("ada@garage.example.org", ""),
        ("bob@bus.example.org", "99980262200012"),
    }
    page = send(client, GOOD + "pas-une-adresse;;\nx@y.example.org;1;\n")
    assert "Rien n’a été importé" in page and "Ligne 4" in page and "Ligne 5" in page
    assert KnownContact.objects.count() == 2
    assert "la liste précédente en comptait 2" in send(
        client, "adresse;siret;nom\nzoe@garage.example.org;;\n"
    )
    assert list(KnownContact.objects.values_list("address", flat=True)) == [
        "zoe@garage.example.org"
    ]
    told = Entry.objects.filter(act="contacts.replaced", actor=str(agent.public_id))
    assert told.count() == 2
    assert not Detail.objects.filter(data__icontains="zoe@").exists()
    assert "Cochez la case" in client.post(PAGE, {"act": "vider"}).content.decode()
    assert KnownContact.objects.exists()
    client.post(PAGE, {"act": "vider", "sure": "on"})
    assert not KnownContact.objects.exists() and told.count() == 3


@pytest.mark.django_db
def test_a_list_that_nobody_renews_is_deleted(reference: None, settings: object) -> None:
    from datetime import timedelta

    agent = make_staff(StaffRole.NATIONAL)
    replace_known_contacts([ContactLine("x@y.example.org", "", "")], actor_user=agent, now=NOW)
    assert purge_old_contacts(NOW + timedelta(days=729)) == 0
    assert purge_old_contacts(NOW + timedelta(days=731)) == 1
