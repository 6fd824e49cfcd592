"""What stops a development command."""


class DevError(Exception):
    """One sentence for the person at the terminal: what is wrong and what to do. Shown without a traceback."""
