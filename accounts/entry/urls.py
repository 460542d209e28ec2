"""Addresses of sign-up and recovery."""

from django.urls import path

from accounts.entry import views, views_recovery

app_name = "entry"
urlpatterns = [
    path("inscription/", views.sign_up, name="sign_up"),
    path("inscription/envoye/", views.sign_up_sent, name="sign_up_sent"),
    path("inscription/mot-de-passe/<str:key>/", views.create_password, name="create_password"),
    path("mot-de-passe/oublie/", views_recovery.reset, name="reset"),
    path("mot-de-passe/envoye/", views_recovery.reset_sent, name="reset_sent"),
    path("mot-de-passe/<str:key>/", views_recovery.reset_password, name="reset_password"),
    path("deverrouillage/<str:key>/", views_recovery.unlock, name="unlock"),
]
