"""DuckDB SQL with window functions, on a table in memory; two threads."""

from __future__ import annotations

from typing import Any

import duckdb
from work import END, FUNNEL, POSITIONS, START, TOP, WINDOW_US

VERSION = duckdb.__version__
_INNER = "PARTITION BY journey ORDER BY at_us"
_BEFORE = f"({_INNER} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"


def load(file: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute("CREATE TABLE touchpoints AS SELECT * FROM read_parquet(?)", [file])
    return connection


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[list[Any]]:
    return [list(row) for row in connection.execute(sql).fetchall()]


def counts(connection: duckdb.DuckDBPyConnection) -> list[list[Any]]:
    return sorted(
        _rows(
            connection,
            f"""WITH pairs AS (
                  SELECT step, lag(step) OVER w AS before, lead(step) OVER w AS after
                  FROM touchpoints WINDOW w AS ({_INNER}))
                SELECT coalesce(before, '{START}'), step, count(*) FROM pairs GROUP BY ALL
                UNION ALL SELECT step, '{END}', count(*) FROM pairs WHERE after IS NULL GROUP BY ALL""",
        )
    )


def transitions(connection: duckdb.DuckDBPyConnection) -> list[list[Any]]:
    return sorted(
        _rows(
            connection,
            f"""WITH pairs AS (
                  SELECT journey, customer, lag(step) OVER w AS source, step AS target,
                         (at_us - lag(at_us) OVER w) / 1e6 AS seconds
                  FROM touchpoints WINDOW w AS ({_INNER}))
                SELECT source, target, count(*), count(DISTINCT journey), count(DISTINCT customer),
                       quantile_cont(seconds, 0.5), quantile_cont(seconds, 0.9)
                FROM pairs WHERE source IS NOT NULL GROUP BY ALL""",
        )
    )


def step_matrix(connection: duckdb.DuckDBPyConnection) -> list[list[Any]]:
    return sorted(
        _rows(
            connection,
            f"""WITH places AS (SELECT step, row_number() OVER ({_INNER}) AS position FROM touchpoints),
                     lengths AS (SELECT count(*) AS length FROM touchpoints GROUP BY journey)
                SELECT position, step, count(*) FROM places WHERE position <= {POSITIONS} GROUP BY ALL
                UNION ALL
                SELECT position, '{END}', count(*) FROM lengths, range(1, {POSITIONS + 1}) AS place(position)
                WHERE length < position GROUP BY ALL""",
        )
    )


def funnel(connection: duckdb.DuckDBPyConnection) -> list[int]:
    first, second, third = FUNNEL
    return _rows(
        connection,
        f"""WITH one AS (
              SELECT *, CASE WHEN step = '{first}' THEN at_us END AS start FROM touchpoints
              WHERE step IN ('{first}', '{second}', '{third}')),
            latest_one AS (SELECT *, max(start) OVER {_BEFORE} AS before FROM one),
            two AS (
              SELECT journey, at_us, step, start,
                     CASE WHEN step = '{second}' AND at_us - before <= {WINDOW_US} THEN before END AS second
              FROM latest_one),
            latest_two AS (SELECT *, max(second) OVER {_BEFORE} AS before FROM two)
            SELECT count(DISTINCT CASE WHEN start IS NOT NULL THEN journey END),
                   count(DISTINCT CASE WHEN second IS NOT NULL THEN journey END),
                   count(DISTINCT CASE WHEN step = '{third}' AND at_us - before <= {WINDOW_US} THEN journey END)
            FROM latest_two""",
    )[0]


def variants(connection: duckdb.DuckDBPyConnection) -> list[int]:
    rows = _rows(
        connection,
        f"""WITH sequences AS (
                   SELECT string_agg(step, ' > ' ORDER BY at_us) AS steps FROM touchpoints GROUP BY journey),
                 sizes AS (SELECT steps, count(*) AS n FROM sequences GROUP BY steps)
            SELECT n, count(*) OVER () FROM sizes ORDER BY n DESC LIMIT {TOP}""",
    )
    return [rows[0][1], *(row[0] for row in rows)]
