"""Addresses of 个人信息 and of its review."""

from django.urls import path

from profiles.views import batch, bureau, documents, own, reviews
from profiles.views.exports import batch_result, export_in_full, export_reviews

urlpatterns = [
    path("bureau/people/", bureau.people, name="bureau-people"),
    path("bureau/people/<int:pk>/", bureau.person, name="bureau-person"),
    path("person/", own.person, name="person"),
    path("person/edit/", own.edit, name="person-edit"),
    path("person/documents/<int:pk>/", documents.document, name="document"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/batch/", batch.batch, name="reviews-batch"),
    path("reviews/batch/export/", batch_result, name="reviews-batch-export"),
    path("reviews/export/", export_reviews, name="reviews-export"),
    path("reviews/export/full/", export_in_full, name="reviews-export-full"),
    path("reviews/<int:pk>/", reviews.review, name="review"),
    path("reviews/<int:pk>/<slug:action>/", reviews.decide, name="review-decide"),
]
