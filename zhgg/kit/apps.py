from django.apps import AppConfig


class KitConfig(AppConfig):
    """Our small library: template tags, the form field template and system checks."""

    name = "zhgg.kit"
    label = "kit"

    def ready(self):
        # Importing them registers the checks, and the lookup any_of.
        from zhgg.kit import arrays, checks, timestamps  # noqa: F401

        timestamps.register()
