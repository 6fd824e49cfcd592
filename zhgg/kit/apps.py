from django.apps import AppConfig


class KitConfig(AppConfig):
    """Our small library: template tags, the form field template and system checks."""

    name = "zhgg.kit"
    label = "kit"

    def ready(self):
        from zhgg.kit import checks  # noqa: F401 - importing it registers the checks
