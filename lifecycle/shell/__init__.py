"""What `manage.py lifecycle` prints and does, verb by verb."""
