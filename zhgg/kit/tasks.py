"""Work of the kit that is done by the clock; `manage.py work` runs it."""

from procrastinate.contrib.django import app

from zhgg.kit.uploads.orphans import remove_orphans


@app.periodic(cron="40 19 * * *")  # UTC: 03:40 in Chongqing
@app.task(name="kit.remove_orphans", queueing_lock="kit.remove_orphans")
def remove_orphaned_files(timestamp):
    """Once a day: stored files that no row names."""
    remove_orphans()
