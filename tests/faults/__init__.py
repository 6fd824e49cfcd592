"""Faults with real processes: PostgreSQL, gunicorn and the job worker, killed and starved on loopback."""
