"""The tables of this application, for Django; each is defined in its package."""

# ruff: noqa: F401 - importing them is all
import accounts.people.models
