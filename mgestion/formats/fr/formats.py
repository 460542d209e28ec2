"""Django's French formats, with hours as « 14 h 05 »."""

DATETIME_FORMAT = "j F Y \\à G\u00a0\\h\u00a0i"
TIME_FORMAT = "G\u00a0\\h\u00a0i"
