"""The lifecycle from a shell: what it will do, before it does it."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lifecycle.enums import PORTAL_REASONS, HoldReason, Step
from lifecycle.shell import read_commands, write_commands
from lifecycle.shell.screen import PIPE, REFUSED, CommandScreen
from mgestion.errors import Refused

_FORMATS = ("table", "json", "csv")
_VERBS: dict[str | None, Callable[[CommandScreen, Mapping[str, Any]], int]] = {
    None: read_commands.handle_plan,
    "plan": read_commands.handle_plan,
    "upcoming": read_commands.handle_upcoming,
    "simulate": read_commands.handle_simulate,
    "explain": read_commands.handle_explain,
    "run": write_commands.handle_run,
    "extend": write_commands.handle_extend,
    "hold": write_commands.handle_hold,
    "release": write_commands.handle_release,
    "reconcile": write_commands.handle_reconcile,
}


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"«\u00a0{text}\u00a0» n’est pas une date\u00a0: écrivez AAAA-MM-JJ"
        ) from error


def _parse_operator(text: str) -> str:
    if not re.fullmatch(r"[\w.@-]{1,40}", text):
        raise argparse.ArgumentTypeError("de 1 à 40 lettres, chiffres, points ou tirets")
    return text


class Command(BaseCommand):
    # They read every address and page of the portal, as long as the command itself takes; `check`
    # has them at each deployment.
    requires_system_checks = ()
    help = (
        "Prévoit (par défaut) ou applique les règles sur les comptes inactifs et désactivés. Rien "
        "n’est écrit sans --apply. Codes de sortie\u00a0: 0 fait, 1 refusé, 2 option erronée, "
        "3 arrêté par le disjoncteur ou une coupure, 4 des comptes en échec, 141 lecteur parti."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act")
        plan = acts.add_parser("plan", help="qui, quelle étape, pourquoi, et ensuite")
        plan.add_argument(
            "--at",
            type=_parse_day,
            help="comme à midi ce jour-là (AAAA-MM-JJ), si aucune exécution n’a lieu d’ici là",
        )
        _add_output(plan)
        upcoming = acts.add_parser("upcoming", help="qui, dans les jours qui viennent")
        upcoming.add_argument("--days", type=int, default=30, help="30 par défaut")
        _add_output(upcoming)
        simulate = acts.add_parser(
            "simulate", help="combien de comptes chaque jour, sans plafond ni disjoncteur"
        )
        simulate.add_argument(
            "--from", dest="start", type=_parse_day, help="aujourd’hui par défaut"
        )
        simulate.add_argument("--to", dest="end", type=_parse_day, required=True)
        simulate.add_argument("--format", choices=_FORMATS, default="table")
        explain = acts.add_parser("explain", help="toute l’histoire d’un compte")
        explain.add_argument("who", help="adresse e-mail, identifiant public ou référence")
        _add_output(explain)
        sweep = acts.add_parser("run", help="exécuter les étapes dues")
        sweep.add_argument("--step", action="append", choices=Step.values, help="cette étape seule")
        sweep.add_argument("--any-hour", action="store_true", help="e-mails à toute heure")
        sweep.add_argument("--over-breaker", action="store_true", help="quel que soit le nombre")
        _add_output(sweep)
        _add_apply(sweep)
        extend = acts.add_parser("extend", help="rendre des jours après une panne du portail")
        extend.add_argument("--days", type=int, required=True)
        extend.add_argument("--reason", required=True, help="code ou numéro de ticket, sans nom")
        extend.add_argument(
            "--again", action="store_true", help="même si ce motif a déjà rendu des jours"
        )
        _add_plain_output(extend)
        _add_apply(extend)
        self._add_holds(acts)
        replay = acts.add_parser(
            "reconcile", help="après une sauvegarde restaurée\u00a0: réeffacer"
        )
        replay.add_argument(
            "--accept-list",
            action="store_true",
            help="avec une liste absente, vide ou plus ancienne que le registre",
        )
        _add_plain_output(replay)
        _add_apply(replay)

    def _add_holds(self, acts: Any) -> None:
        for name, text in (
            ("hold", "aucune étape n’y touche"),
            ("release", "la procédure reprend"),
        ):
            keep = acts.add_parser(name, help=text)
            whose = keep.add_mutually_exclusive_group(required=True)
            whose.add_argument("who", nargs="?", help="adresse e-mail ou identifiant public")
            whose.add_argument(
                "--all", action="store_true", help="tous les comptes\u00a0: la coupure"
            )
            if name == "hold":
                # The portal's own reasons are lifted by the portal: nobody types them.
                reasons = [one.value for one in HoldReason if one not in PORTAL_REASONS]
                keep.add_argument("--reason", choices=reasons, default=HoldReason.STAFF.value)
            _add_plain_output(keep)
            _add_apply(keep)

    def handle(self, *args: Any, **options: Any) -> None:
        form = options.get("format") or "table"
        screen = CommandScreen(self.stdout, self.stderr, form, timezone.now())
        try:
            code = _VERBS[options["act"]](screen, options)
            self.stdout.flush()
        except Refused as refusal:
            raise CommandError(refusal.message, returncode=REFUSED) from refusal
        except BrokenPipeError:
            # The reader has enough (« | head »). Python would complain once more at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = PIPE
        if code:
            sys.exit(code)


def _add_plain_output(parser: CommandParser) -> None:
    parser.add_argument("--format", choices=_FORMATS, default="table")


def _add_output(parser: CommandParser) -> None:
    _add_plain_output(parser)
    parser.add_argument("--unmask", action="store_true", help="noms et adresses en clair")


def _add_apply(parser: CommandParser) -> None:
    parser.add_argument(
        "--apply", action="store_true", help="écrire\u202f; sinon, seulement montrer"
    )
    parser.add_argument(
        "--by", type=_parse_operator, help="qui lance la commande, gardé au journal et au registre"
    )
