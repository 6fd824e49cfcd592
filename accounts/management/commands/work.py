"""`manage.py work`: the worker for mail and files, beside the site."""

import asyncio

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app


class Command(BaseCommand):
    """Runs the jobs of the queue until it is told to stop (SIGTERM, Ctrl-C); a job under way gets three seconds."""

    help = "运行后台任务（邮件、批量办理的消息、文件），直到 Ctrl-C 或 SIGTERM"

    def handle(self, *args, **options):
        self.stdout.write("后台任务已启动，按 Ctrl-C 停止。")
        self.stdout.flush()
        with app.replace_connector(app.connector.get_worker_connector()) as worker_app:
            asyncio.run(self.work(worker_app))

    @staticmethod
    async def work(worker_app):
        """One worker, with procrastinate's own handling of the two signals."""
        async with worker_app.open_async():
            await worker_app.run_worker_async(
                name="zhgg",
                shutdown_graceful_timeout=3,
                install_signal_handlers=True,
                # Failed ones stay, to be looked at.
                delete_jobs="successful",
            )
