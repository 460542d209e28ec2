"""`python -m mgestion.launch.demo_platform`: a small platform beside the portal, in the demo alone.

A newcomer sees there what a partner platform sees: an entry without a password, who came and with
which role, and what it is told afterwards. A process of its own, in the standard library only: it
knows the portal by its published interfaces, as any platform does (docs/cas.md, docs/api.md).
Nothing starts it in production.
"""
