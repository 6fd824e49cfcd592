#!/usr/bin/env python
"""Django's command line for 智汇攻关. In development, `./dev manage …` sets the environment first."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhgg.settings")
    execute_from_command_line(sys.argv)
