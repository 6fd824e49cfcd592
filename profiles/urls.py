"""Addresses of 个人信息 and of its review."""

from django.urls import include, path

from profiles.views import batch, bureau, documents, own, reviews
from profiles.views.exports import batch_result, export_in_full, export_reviews

_REVIEWS = [
    path("", reviews.reviews, name="reviews"),
    path("batch/", batch.batch, name="reviews-batch"),
    path("batch/export/", batch_result, name="reviews-batch-export"),
    path("export/", export_reviews, name="reviews-export"),
    path("export/full/", export_in_full, name="reviews-export-full"),
    path("<int:pk>/", reviews.review, name="review"),
    path("<int:pk>/<slug:action>/", reviews.decide, name="review-decide"),
]

# By their beginnings, so that few of them are compared with the address of a request.
urlpatterns = [
    path("bureau/people/", bureau.people, name="bureau-people"),
    path("bureau/people/<int:pk>/", bureau.person, name="bureau-person"),
    path("person/", own.person, name="person"),
    path("person/edit/", own.edit, name="person-edit"),
    path("person/documents/<int:pk>/", documents.document, name="document"),
    path("reviews/", include(_REVIEWS)),
]
