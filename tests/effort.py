"""How far the property tests look: a little in the gate, further with `make test LONG=1`."""

import os

LONG = os.environ.get("LONG") == "1"


def examples(few: int, many: int) -> int:
    return many if LONG else few
