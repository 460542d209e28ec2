"""A platform of its own: a second Django process with the public CAS client, unmodified.

`python -m tests.cas.relying_party PORT CAS_URL DATABASE`
"""
