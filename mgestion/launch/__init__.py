"""`python -m mgestion.launch`: the portal on one machine, without Docker, PostgreSQL or Redis.

Prepares the data folder and starts the web server and the Celery workers. Imports no application;
calls Django through `manage.py` only.
"""
