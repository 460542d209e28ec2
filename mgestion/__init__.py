"""The composition root and toolbox of the portal. It imports no room above it."""

VERSION = "0.1.0"
