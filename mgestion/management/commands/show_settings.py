"""Prints the settings that operators may change, with what holds now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mgestion.settings.options import Option, option

EXAMPLE_TITLE = (
    "# --- optional: how it behaves (manage.py show_settings --env writes this part) " + "-" * 23
)
_BEGIN = "<!-- written by manage.py show_settings --markdown -->"


class Command(BaseCommand):
    help = "Prints the settings that a variable may change (docs/settings.md)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--changed", action="store_true", help="only what is not the default")
        parser.add_argument("--markdown", action="store_true", help="the table of docs/settings.md")
        parser.add_argument("--env", action="store_true", help="the last part of .env.example")

    def handle(self, *args: Any, changed: bool, markdown: bool, env: bool, **options: Any) -> None:
        if markdown or env:
            self.stdout.write(format_table() if markdown else format_example())
            return
        for name, each in sorted(option.declared.items()):
            value = option.variables.get(name, each.default)
            if changed and value == each.default:
                continue
            default = "" if value == each.default else f"  (default: {each.default})"
            self.stdout.write(f"{name}={value}{default}")


def format_table() -> str:
    """A Markdown table, in the order in which the settings are declared."""
    rows = [_format_row(each) for each in option.declared.values()]
    return "\n".join(
        [_BEGIN, "| variable | default | allowed | what |", "|---|---|---|---|", *rows]
    )


def format_example() -> str:
    """Lines for an environment file, each commented out with its default."""
    lines = [EXAMPLE_TITLE]
    for each in option.declared.values():
        lines += [f"# {each.about}: {each.allowed}", f"#{each.name}={each.default}"]
    return "\n".join(lines)


def _format_row(each: Option[object]) -> str:
    default = f"`{each.default}`" if each.default else "none"
    return f"| `{each.name}` | {default} | {each.allowed} | {each.about} |"
