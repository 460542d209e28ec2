"""What Django writes when nobody says how: an hour reads « 14 h 05 » (S57). The rest is its own."""

DATETIME_FORMAT = "j F Y \\à G\u00a0\\h\u00a0i"
TIME_FORMAT = "G\u00a0\\h\u00a0i"
