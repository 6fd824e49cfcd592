"""Faults with real processes: PostgreSQL, gunicorn and the job worker, killed and starved on loopback.

Some run with all tests; the others, which take long, by `./dev test --faults`. What is wrong is made impossible by the
mechanism that is named here; the tests only show that it is there.

| what happens | mechanism | test |
| --- | --- | --- |
| 8 reviewers decide one 申报书 | row lock, the step that was seen, UNIQUE(proposal, number) | `test_contests` |
| the same form ×6 | key of the form, unique; row lock; a repeat answers as the first | `test_contests` |
| batch of 1,000, 50 changed meanwhile | the step of each row in the one UPDATE | `test_processes` |
| kill -9 in mid batch, import | one transaction for rows, history, audit and jobs | `test_processes` |
| kill -9 in mid upload | no name before it is whole, file before row, daily sweep | `test_processes` |
| kill -9 of the job worker | `take_up_stalled`, every minute; jobs may run twice | `test_processes` |
| PostgreSQL away under the worker | started again, jobs are rows, one notice a job and person | `test_processes` |
| PostgreSQL stopped, killed, back | fsync, synchronous_commit, health checks, 503 | `test_database` |
| hot table locked | lock_timeout, statement_timeout; probes before the sessions | `test_database` |
| no connection left | OperationalError is 503 | `test_database` |
| upload area full | file first, row second, unlink | `test_full` |
| disk of the database full | DiskFull is an OperationalError: 503, rolled back | `test_full` |
| disk of the log full | acknowledged only when on the disk; PANIC, starts again, 503 until then | `test_full` |
| somebody spoils the data | archived log, base backups, back to any moment | `test_point_in_time` |
| migrations forward and back | expand and contract | `test_copies` |
| dump under load | the snapshot of pg_dump | `test_copies` |
| submissions around the deadline | the database's clock in the transaction that stores | `test_contests` |

Inside one process, with real parallel connections: agent replaced while a form is open, several legal sessions
authorise, one person as agent and manager (`tests/orgs/test_grants.py`); 二级单位 deleted while chosen
(`tests/profiles/test_races.py`); decisions, deadlines and batches (`tests/projects/test_races.py`,
`tests/projects/test_batch_races.py`); files (`tests/projects/test_attachment_races.py`,
`tests/profiles/test_document_races.py`).
"""
