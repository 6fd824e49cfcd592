"""All addresses of the site."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from zhgg.kit import probes

urlpatterns = [
    path("healthz", probes.healthz, name="healthz"),
    path("readyz", probes.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("orgs.urls")),
    path("", include("profiles.urls")),
    path("", include("projects.urls")),
]
if settings.DEVELOPMENT:
    from zhgg.dev.gallery import gallery

    urlpatterns.append(path("dev/components/", gallery, name="gallery"))

handler400 = "zhgg.kit.answers.bad_request"
handler403 = "zhgg.kit.answers.permission_denied"
handler404 = "zhgg.kit.answers.not_found"
handler500 = "zhgg.kit.answers.server_error"
