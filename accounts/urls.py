"""Addresses of the accounts app."""

from django.urls import path

from accounts import views
from accounts.oidc import views as oidc

urlpatterns = [
    path("login/", views.login, name="login"),
    path("login/legal/", oidc.StartLegal.as_view(), name="login-legal"),
    path("login/legal/callback/", oidc.CallbackLegal.as_view(), name="login-legal-callback"),
    path("login/person/", oidc.StartPerson.as_view(), name="login-person"),
    path("login/person/callback/", oidc.CallbackPerson.as_view(), name="login-person-callback"),
    path("logout/", views.logout, name="logout"),
    path("session/", views.session, name="session"),
    path("session/discard/", views.discard_kept, name="kept-discard"),
    path("reveal/", views.reveal_value, name="reveal"),
    path("messages/", views.notices, name="messages"),
    path("messages/read/", views.notices_read, name="messages-read"),
    path("privacy/", views.privacy_notice, name="privacy"),
    path("privacy/confirm/", views.confirm_privacy, name="privacy-confirm"),
    path("text-size/", views.text_size, name="text-size"),
]
