"""`python -m zhgg.dev.prepare`: migrate and, when the database is empty, fill in the demo data. One start of Django."""

import django
from django.core.management import call_command


def main() -> None:
    """Both are quick when there is nothing to do."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("seed_demo", "--if-empty")


if __name__ == "__main__":
    main()
