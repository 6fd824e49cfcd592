"""WSGI entry point: `gunicorn zhgg.wsgi`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhgg.settings")
application = get_wsgi_application()

from django.db import connection  # noqa: E402

from projects.services.digests import refuse_other_suite  # noqa: E402

# Rather no site than one that takes everybody for somebody new.
refuse_other_suite()
connection.close()

# What was loaded stays until the end: the garbage collector need not look through it again and again, nor after every
# few hundred objects, of which a page makes thousands.
gc.freeze()
gc.set_threshold(20_000, 20, 50)
