"""Addresses of 个人信息 and of its review."""

from django.urls import path

from profiles import views

urlpatterns = [
    path("person/", views.person, name="person"),
    path("person/edit/", views.edit, name="person-edit"),
    path("reviews/", views.reviews, name="reviews"),
    path("reviews/<int:pk>/", views.review, name="review"),
    path("reviews/<int:pk>/<slug:action>/", views.decide, name="review-decide"),
]
