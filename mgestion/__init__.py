"""Settings, URLs and shared tools of the portal. Imports none of the other applications."""

VERSION = "0.1.0"
