"""Work of orgs that is done by the clock; `manage.py work` runs it."""

from procrastinate.contrib.django import app

from orgs.models import DepartmentImport


@app.periodic(cron="*/10 * * * *")
@app.task(name="orgs.clear_imports", queueing_lock="orgs.clear_imports")
def clear_imports(timestamp):
    """Every ten minutes: remove uploaded lists whose hour is over."""
    DepartmentImport.objects.outdated().delete()
