"""The API for platforms, `/api/v1/` (see docs/api.md)."""
