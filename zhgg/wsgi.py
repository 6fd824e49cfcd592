"""WSGI entry point: `gunicorn zhgg.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhgg.settings")
application = get_wsgi_application()
