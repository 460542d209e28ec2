"""Whether a text words its mail: in French, for who wrote it."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from django.template import TemplateSyntaxError
from django.template.base import Lexer, Token, TokenType

from mgestion.outbox.catalogue.kinds import MailContent, MailKind, ValueType
from mgestion.outbox.catalogue.rendering import (
    ACTION,
    BLOCKS,
    BODY,
    WHY,
    MailSource,
    read_original_source,
    render_source,
)

SUBJECT_LENGTH: Final = 70  # S56
_IN_CONDITION: Final = {"and", "or", "not"}
_HTML: Final = re.compile(r"</?[a-zA-Z][^>]*>")
_ADDRESS: Final = re.compile(r"\]\(([^)]*)\)")
_ALLOWED_ADDRESS: Final = re.compile(r"(https://|mailto:)\S+$")
_NAME: Final = re.compile(r"{{ *(\w+) *}}")
_ACTION: Final = re.compile(r"\[[^\]]+\]\({{ *\w+ *}}\)")


def build_sample_content(kind: MailKind) -> MailContent:
    """An invented case, for the preview and the checks."""
    return MailContent(
        to="camille.fictive@garage.example.org", name="Camille Fictive", values=kind.samples
    )


@lru_cache(maxsize=512)
def find_problems(kind: MailKind, source: MailSource) -> tuple[str, ...]:
    """What keeps `source` from being the text of `kind`; nothing when it holds."""
    found = tuple(dict.fromkeys(_check_structure(source)))
    if found:
        return found
    found = tuple(dict.fromkeys(_check_placeholders(kind, source)))
    if found:
        return found
    try:
        message = render_source(kind, source, build_sample_content(kind))
    except TemplateSyntaxError:
        return (f"{_quote('{% if … %}')} ne se lit pas\u00a0: une condition est mal écrite.",)
    if len(message.subject) > SUBJECT_LENGTH:
        return (
            f"L’objet fait {len(message.subject)} caractères avec les valeurs d’exemple\u00a0: "
            f"{SUBJECT_LENGTH} au plus.",
        )
    return ()


def _check_structure(source: MailSource) -> Iterator[str]:
    if not source.subject.strip():
        yield "Écrivez un objet."
    if "\n" in source.subject.strip():
        yield "L’objet tient sur une ligne."
    blocks = source.blocks
    names = [name for name, _ in blocks]
    for name in names:
        if name != BODY and name not in BLOCKS:
            known = ", ".join(_quote(f"## {one}") for one in BLOCKS)
            yield f"Le titre {_quote(f'## {name}')} n’existe pas. Titres possibles\u00a0: {known}."
        elif names.count(name) > 1:
            yield f"Le titre {_quote(f'## {name}')} est écrit deux fois."
    written = dict(blocks)
    if not written[BODY]:
        yield "Écrivez le texte de l’e-mail, avant le premier titre."
    if not written.get(WHY):
        yield f"Dites pourquoi la personne reçoit cet e-mail, sous le titre {_quote(f'## {WHY}')}."
    if _HTML.search(source.body):
        yield "N’écrivez pas de balise HTML\u00a0: elle se lirait telle quelle."
    if ACTION in written and not _ACTION.search(written[ACTION]):
        yield (
            f"Sous {_quote(f'## {ACTION}')}, écrivez le bouton ainsi\u00a0: "
            f"{_quote('[Mots du bouton]({{ action_url }})')}."
        )


def _check_placeholders(kind: MailKind, source: MailSource) -> Iterator[str]:
    known = {one.name: one for one in kind.placeholders}
    always: set[str] = set()
    yield from _check_tokens(kind, "l’objet", source.subject, set())
    for name in _NAME.findall(source.subject):
        if name in known and known[name].type not in (ValueType.LINE, ValueType.FLAG):
            yield f"{_quote(f'{{{{ {name} }}}}')} ne peut pas servir dans l’objet."
    for block, text in source.blocks:
        where = f"la partie {_quote(block)}" if block else "le texte"
        yield from _check_tokens(kind, where, text, always)
        for address in _ADDRESS.findall(text):
            name = _NAME.fullmatch(address.strip())
            if name and name[1] in known and known[name[1]].type is not ValueType.LINK:
                yield f"{_quote(address)} n’est pas un lien."
            elif not name and not _ALLOWED_ADDRESS.match(address):
                yield f"L’adresse {_quote(address)} ne commence pas par https:// ou mailto:."
        bare = re.sub(r"\[[^\]]*\]\([^)]*\)", "", text)
        for name in _NAME.findall(bare):
            if name in known and known[name].type is ValueType.LINK:
                said = f"[mots du lien]({{{{ {name} }}}})"
                yield f"Écrivez le lien {_quote(name)} ainsi\u00a0: {_quote(said)}."
    for one in kind.placeholders:
        if one.required and one.name not in always:
            yield (
                f"{_quote(f'{{{{ {one.name} }}}}')} est obligatoire, hors de toute "
                f"condition\u00a0: {one.label}."
            )


def _check_tokens(kind: MailKind, where: str, text: str, always: set[str]) -> Iterator[str]:
    """The names and conditions of one part; `always` gathers what stands outside conditions."""
    known = {one.name: one for one in kind.placeholders}
    depth: list[bool] = []  # for each open condition, whether its « else » was read
    for token in Lexer(text).tokenize():
        match token.token_type:
            case TokenType.TEXT:
                if re.search(r"{{|}}|{%|%}|{#|#}", token.contents):
                    found = _quote_token(token)
                    yield f"Dans {where}, des accolades ne sont pas fermées\u00a0: {found}."
            case TokenType.COMMENT:
                yield f"Dans {where}, {_quote('{# … #}')} n’est pas accepté."
            case TokenType.VAR:
                name = token.contents
                if name not in known:
                    yield f"{_quote(f'{{{{ {name} }}}}')} n’existe pas pour cet e-mail."
                elif known[name].type is ValueType.FLAG:
                    yield f"{_quote(name)} sert seulement dans {_quote(f'{{% if {name} %}}')}."
                elif not depth:
                    always.add(name)
            case TokenType.BLOCK:
                yield from _check_condition(token, known, depth, where)
    if depth:
        yield f"Dans {where}, {_quote('{% if … %}')} n’est pas fermé par {_quote('{% endif %}')}."


def _check_condition(
    token: Token, known: Mapping[str, object], depth: list[bool], where: str
) -> Iterator[str]:
    word, *names = token.contents.split()
    written = _quote(f"{{% {token.contents} %}}")
    if word not in ("if", "elif", "else", "endif"):
        yield f"{written} n’est pas accepté\u00a0: seules les conditions {_quote('if')} le sont."
        return
    if word == "if":
        depth.append(False)
    elif not depth or (word in ("elif", "else") and depth[-1]):
        yield f"Dans {where}, {written} n’est pas à sa place."
    elif word == "else":
        depth[-1] = True
    elif word == "endif":
        depth.pop()
    if word in ("if", "elif"):
        if not names:
            yield f"{written}\u00a0: nommez ce qui doit être vrai."
        for name in names:
            if name not in known and name not in _IN_CONDITION:
                yield f"{written}\u00a0: {_quote(name)} n’existe pas pour cet e-mail."
    elif names:
        yield f"{written}\u00a0: écrivez {_quote(f'{{% {word} %}}')}."


def _quote_token(token: Token) -> str:
    return _quote(" ".join(token.contents.split())[:40])


def _quote(words: str) -> str:
    return f"«\u00a0{words}\u00a0»"


def find_original_problems(kind: MailKind) -> tuple[str, ...]:
    """Of the text that comes with the portal."""
    return find_problems(kind, read_original_source(kind.template))
