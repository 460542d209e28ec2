"""`python -m mgestion.launch`: the whole portal on one machine, without Docker, PostgreSQL or
Redis.

It prepares the data folder and starts the real web server and a real Celery worker; it imports
no app and speaks to Django only through `manage.py`.
"""
