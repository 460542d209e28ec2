"""Addresses of sign-up, recovery and the second factor; those of the demo only where it runs."""

from django.conf import settings
from django.urls import path

from accounts.entry import (
    views,
    views_address,
    views_demo,
    views_factor,
    views_mailed_code,
    views_recovery,
)
from accounts.entry.views_loss import act, ask, sent
from accounts.entry.views_passkey import add, edit, options, options_to_add
from mgestion.web import mailed_keys  # noqa: F401 - registers `mailed_key`

app_name = "entry"
urlpatterns = [
    path("compte/adresse/", views_address.ask, name="ask_address"),
    path("compte/adresse/<mailed_key:key>/", views_address.change, name="change_address"),
    path("compte/second-facteur/", views_factor.overview, name="factor"),
    path("compte/second-facteur/application/", views_factor.set_up, name="factor_set_up"),
    path("compte/second-facteur/codes/", views_factor.renew_codes, name="factor_codes"),
    path("compte/second-facteur/retirer/", views_factor.remove, name="factor_remove"),
    path("compte/second-facteur/code/", views_factor.at_login, name="second_factor"),
    path(
        "compte/second-facteur/code-recu/",
        views_mailed_code.show_mailed_code,
        name="factor_mailed_code",
    ),
    path("compte/second-facteur/verification/", views_factor.confirm, name="factor_confirm"),
    path("compte/second-facteur/cles/", add, name="passkey_add"),
    path("compte/second-facteur/cles/creation/", options_to_add, name="passkey_add_options"),
    path("compte/second-facteur/cles/demande/", options, name="passkey_options"),
    path("compte/second-facteur/cles/<uuid:passkey_id>/", edit, name="passkey"),
    path("inscription/", views.sign_up, name="sign_up"),
    path("inscription/envoye/", views.sign_up_sent, name="sign_up_sent"),
    path(
        "inscription/mot-de-passe/<mailed_key:key>/", views.create_password, name="create_password"
    ),
    path("mot-de-passe/oublie/", views_recovery.reset, name="reset"),
    path("mot-de-passe/envoye/", views_recovery.reset_sent, name="reset_sent"),
    path("mot-de-passe/<mailed_key:key>/", views_recovery.reset_password, name="reset_password"),
    path("signalement/", ask, name="loss_ask"),
    path("signalement/envoye/", sent, name="loss_sent"),
    path("signalement/<mailed_key:key>/", act, name="loss"),
    path("deverrouillage/<mailed_key:key>/", views_recovery.unlock, name="unlock"),
]
if settings.EMBEDDED:
    urlpatterns.append(path("codes/", views_demo.codes, name="demo_codes"))
