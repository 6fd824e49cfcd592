"""Addresses of 个人信息 and of its review."""

from django.urls import path

from profiles.views import batch, own, reviews

urlpatterns = [
    path("person/", own.person, name="person"),
    path("person/edit/", own.edit, name="person-edit"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/batch/", batch.batch, name="reviews-batch"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/<slug:action>/", reviews.decide, name="review-decide"),
]
