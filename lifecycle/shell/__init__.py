"""The subcommands of `manage.py lifecycle`."""
