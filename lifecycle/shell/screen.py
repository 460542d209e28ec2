"""The output of a subcommand: data for programs or lines for people, and messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from lifecycle.shell.printing import OutputTable, format_json
from mgestion.journal.actors import Actor
from mgestion.text.dates import PARIS

# Exit codes, for scripts. 2 is argparse's own (a wrong option); 141 is what a shell shows for a
# reader that went away (128 + SIGPIPE).
DONE, REFUSED, WRONG, STOPPED, PARTIAL, PIPE = 0, 1, 2, 3, 4, 141
NOTHING_WRITTEN: Final = "Rien n’a été écrit\u00a0: ajoutez --apply."


@dataclass(frozen=True, slots=True)
class CommandScreen:
    """`out`: the result. `err`: messages. `form`: table, json or csv. `now`: the moment of the
    whole command (aware).
    """

    out: Any
    err: Any
    form: str
    now: datetime

    def say(self, text: str) -> None:
        self.err.write(text)

    def show(self, values: Mapping[str, Any], lines: list[str]) -> None:
        """Prints one result: `values` in json and csv, `lines` in a table."""
        values = {"as_of": self.as_of, **values}
        if self.form == "json":
            self.out.write(format_json(values))
        elif self.form == "csv":
            table = OutputTable({"key": "clé", "value": "valeur"}, "csv", self.out)
            for key, value in values.items():
                nested = isinstance(value, dict | list)
                table.row({"key": key, "value": format_json(value) if nested else value})
        else:
            for line in lines:
                self.out.write(line)

    @property
    def as_of(self) -> str:
        """The moment of the command, Paris time, ISO 8601."""
        return self.now.astimezone(PARIS).isoformat(timespec="seconds")


def build_command_actor(options: Mapping[str, Any]) -> Actor:
    """The command as an actor, with the operator's name if given."""
    by = options.get("by") or ""
    return Actor.system(f"command:{by}" if by else "command")
