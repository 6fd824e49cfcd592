"""What PostgreSQL does for the queries of a page: `Recorder` takes them down, `scanned` explains them."""

from django.db import connection


class Recorder:
    """An execute wrapper that keeps every statement with its parameters."""

    def __init__(self):
        self.statements = []

    def __call__(self, execute, sql, params, many, context):
        self.statements.append((sql, params))
        return execute(sql, params, many, context)


def statements_of(client, address):
    """The answer to GET `address`, and the statements it took."""
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        answer = client.get(address)
    return answer, recorder.statements


def scanned(statements, tables):
    """`{table: statement}` for each of `tables` that one of the queries reads from end to end."""
    found = {}
    for sql, params in statements:
        if sql.startswith("SELECT"):
            for node in _nodes(_plan(sql, params)):
                if node["Node Type"] == "Seq Scan" and node["Relation Name"] in tables:
                    found[node["Relation Name"]] = sql
    return found


def _plan(sql, params):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        return cursor.fetchone()[0][0]["Plan"]


def _nodes(plan):
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
