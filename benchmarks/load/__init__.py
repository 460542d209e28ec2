"""`make load`: more and more people on the portal as production runs it, until it is slow."""
