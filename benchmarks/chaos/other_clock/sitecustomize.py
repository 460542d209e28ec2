"""Gives a Python process another time of day, when this folder is in its PYTHONPATH: CLOCK_SHIFT
seconds from the right one. Timeouts and pauses go by the monotonic clock, which stays.
"""

import os
from datetime import UTC, datetime, timedelta

import time_machine

_shift = timedelta(seconds=float(os.environ["CLOCK_SHIFT"]))
time_machine.travel(datetime.now(UTC) + _shift, tick=True).start()
