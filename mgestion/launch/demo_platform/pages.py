"""The platform's pages. What comes from outside is escaped where it is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

from mgestion.launch.demo_platform.memory import Line, Person, Right, Visit
from mgestion.launch.demo_platform.portal import Portal
from mgestion.launch.demo_platform.wording import (
    ATTRIBUTES,
    NAME,
    PARIS,
    format_siret,
    format_time,
    get_role_label,
)

_PAGE: Final = """<!DOCTYPE html>
<html lang="fr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>{title} – {name}</title>
    <link rel="icon" href="/campus.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/campus.css">
    <script src="/campus.js" defer></script>
  </head>
  <body>
    <a class="skip" href="#contenu">Aller au contenu</a>
    <header class="head">
      <div class="wrap head__row">
        <a class="brand" href="/"><img src="/campus.svg" alt="" width="44" height="44">
          <span><strong>{name}</strong>
          <small>Plateforme de démonstration, fictive</small></span></a>
        <a class="head__link" href="{services}">Mes services en ligne</a>
      </div>
    </header>
    <main id="contenu" tabindex="-1"{live}>
      <div class="wrap">
{main}
      </div>
    </main>
    <p class="unseen" role="status" data-announce></p>
    <footer class="foot">
      <div class="wrap">
        <p>Ce site n’existe pas en production\u00a0: il montre ce que voit une plateforme reliée à
        l’espace de connexion. Rien n’y est enregistré.</p>
      </div>
    </footer>
  </body>
</html>
"""


def render_welcome(portal: Portal) -> str:
    """For a browser that this platform does not know."""
    return _render_page(
        portal,
        "Bienvenue",
        """<div class="hero">
  <p class="eyebrow">Les formations de vos salariés</p>
  <h1>Bienvenue sur <span class="whole">M-Campus</span> Entreprise</h1>
  <p class="lead">On entre ici par l’espace de connexion d’OPCO Mobilités. Si vous y êtes déjà
  connecté, aucun mot de passe ne vous sera demandé.</p>
  <p class="acts"><a class="button" href="/connexion">Entrer par l’espace de connexion</a></p>
</div>""",
    )


def render_session(
    portal: Portal, visit: Visit, person: Person, trouble: str, now: datetime
) -> str:
    """For who is logged in here."""
    mail = next((value for name, value in visit.attributes if name == "mail"), "")
    asked = ("isFromNewLogin", "true") in visit.attributes
    entry = (
        "Le portail a vérifié votre mot de passe\u202f; cette plateforme ne l’a pas vu."
        if asked
        else "Aucun mot de passe ne vous a été demandé\u00a0: le portail a dit qui vous êtes."
    )
    rights = list(person.rights.values()) or _read_released_rights(visit)
    main = f"""<div class="hero">
  <p class="badge badge--open">Session ouverte</p>
  <h1>Vous voici sur <span class="whole">M-Campus</span></h1>
  <p class="lead">{entry}</p>
</div>
<div class="columns">
  <section aria-labelledby="droits">
    <h2 id="droits">Votre rôle ici</h2>
    <p>Compte de <strong>{escape(mail)}</strong>.</p>
    {_render_rights(rights)}
  </section>
  {_render_lines(person.lines, trouble, now)}
  <div>
    <section aria-labelledby="ticket">
      <h2 id="ticket">Ce que le ticket a dit de vous</h2>
      {_render_attributes(visit)}
    </section>
    <section aria-labelledby="essais">
      <h2 id="essais">À essayer</h2>
      <ol class="tries">
        <li>Déconnectez-vous du portail, ici ou dans un autre onglet\u00a0: cette page se ferme aussi.</li>
        <li>Dans l’administration, un agent termine ou suspend votre accès, ou ferme votre compte\u00a0:
        la plateforme l’apprend en quelques secondes.</li>
      </ol>
      <p class="acts"><a class="button" href="{escape(portal.logout_url)}">Me déconnecter du portail</a></p>
    </section>
  </div>
</div>"""  # noqa: E501 - markup
    return _render_page(portal, "Votre session", main, live=True)


def render_closed(portal: Portal, person: Person, trouble: str, now: datetime) -> str:
    """For who was logged in here until the portal said otherwise."""
    main = f"""<div class="hero">
  <p class="badge badge--closed">Session fermée</p>
  <h1>Session fermée par le portail</h1>
  <p class="lead">Le portail a prévenu cette plateforme\u00a0: elle ne vous connaît plus.</p>
  <p class="acts"><a class="button" href="/connexion">Entrer de nouveau</a></p>
</div>
{_render_lines(person.lines, trouble, now)}"""
    return _render_page(portal, "Session fermée", main, live=True)


def render_notice(portal: Portal, title: str, text: str) -> str:
    """One sentence, and the way back in."""
    return _render_page(
        portal,
        title,
        f"""<div class="hero">
  <h1>{escape(title)}</h1>
  <p class="lead">{escape(text)}</p>
  <p class="acts"><a class="button" href="/connexion">Entrer par l’espace de connexion</a></p>
</div>""",
    )


def _render_page(portal: Portal, title: str, main: str, *, live: bool = False) -> str:
    return _PAGE.format(
        title=escape(title),
        name=NAME,
        services=escape(portal.services_url),
        live=" data-live" if live else "",
        main=main,
    )


def _read_released_rights(visit: Visit) -> list[Right]:
    """What the ticket says, as long as the API has told nothing: no name of an establishment."""
    told = [value.split(":") for name, value in visit.attributes if name == "habilitation"]
    return [Right(parts[2], parts[0], "") for parts in told if len(parts) == 3]


def _render_rights(rights: Sequence[Right]) -> str:
    if not rights:
        return "<p>Aucun accès n’est ouvert.</p>"
    cards = [
        '<li class="right">'
        f'<strong class="right__role">{escape(get_role_label(right.role))}</strong>'
        f"<span>{escape(right.establishment)}</span>"
        f'<span class="quiet">SIRET {escape(format_siret(right.siret))}</span></li>'
        for right in rights
    ]
    return f'<ul class="rights">{"".join(cards)}</ul>'


def _render_attributes(visit: Visit) -> str:
    told = [("cas:user", "identifiant permanent", visit.subject)]
    told += [(name, ATTRIBUTES.get(name, ""), value) for name, value in visit.attributes]
    rows = [
        f"<div><dt><code>{escape(name)}</code> {escape(words)}</dt><dd>{escape(value)}</dd></div>"
        for name, words, value in told
    ]
    return f'<dl class="told">{"".join(rows)}</dl>'


def _render_lines(lines: Sequence[Line], trouble: str, now: datetime) -> str:
    shown = "".join(_render_line(line, now) for line in reversed(lines))
    note = f'<p class="note">{escape(trouble)} La liste reprendra avec lui.</p>' if trouble else ""
    return f"""<section class="journal" aria-labelledby="journal">
    <h2 id="journal">Ce que le portail nous a dit de vous</h2>
    <p class="reload"><a href="/">Actualiser</a><span>Se met à jour toute seule.</span> Heure de Paris.</p>
    {note}
    <ol class="lines" reversed>{shown}</ol>
  </section>"""  # noqa: E501 - markup


def _render_line(line: Line, now: datetime) -> str:
    kind = " line--closes" if line.closes else ""
    moment = line.at.astimezone(PARIS).isoformat(timespec="seconds")
    return (
        f'<li class="line{kind}"><time datetime="{moment}">{format_time(line.at, now)}</time>'
        f"<strong>{escape(line.title)}</strong><span>{escape(line.text)}</span></li>"
    )
