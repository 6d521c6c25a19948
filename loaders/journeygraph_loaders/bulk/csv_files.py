"""The import tool's CSV files: one header a kind, and data files that every process appends to for itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

#: Kinds of files: label or type, and the columns' headers.  Touchpoints have more columns, see `touchpoint_header`.
NODES: Mapping[str, str] = {
    "Customer": ":ID(C){id-type:long},customer_id,anonymous:boolean",
    "Journey": ":ID(J){id-type:long},journey_id,customer_id,outcome,started_at:datetime,ended_at:datetime,value:double,"
    "currency,steps:string[],channels:string[],occurred_at_us:long[]",
    "Session": ":ID(S){id-type:long},session_id,customer_id,journey_id,outcome,started_at:datetime,ended_at:datetime,"
    "value:double,steps:string[],channels:string[],occurred_at_us:long[]",
    "Identifier": ":ID(I),kind,value,leads_to",
    "Product": "product_id:ID(P),name",
    "Category": "name:ID(K)",
    "Campaign": "name:ID(A)",
    "Household": "household_id:ID(H)",
    "Account": "account_id:ID(U)",
    "Order": "order_id:ID(O)",
    "Step": "name:ID(N),stage,channel,goal:boolean",
    "Configuration": "name:ID(X),goals:string[],session_idle_us:long,journey_window_us:long,data_end_us:long,"
    "revision:long,step_graph_revision:long",
}
RELATIONSHIPS: Mapping[str, tuple[str, str]] = {
    "made": ("MADE", ":START_ID(C),:END_ID(T)"),
    "next": ("NEXT", ":START_ID(T),:END_ID(T),seconds:double"),
    "had": ("HAD", ":START_ID(C),:END_ID(J)"),
    "journey_includes": ("INCLUDES", ":START_ID(J),:END_ID(T),position:long"),
    "session_includes": ("INCLUDES", ":START_ID(S),:END_ID(T),position:long"),
    "about": ("ABOUT", ":START_ID(T),:END_ID(P)"),
    "in_category": ("IN_CATEGORY", ":START_ID(P),:END_ID(K)"),
    "came_from": ("CAME_FROM", ":START_ID(T),:END_ID(A)"),
    "of_household": ("BELONGS_TO", ":START_ID(T),:END_ID(H)"),
    "of_account": ("BELONGS_TO", ":START_ID(T),:END_ID(U)"),
    "of_order": ("BELONGS_TO", ":START_ID(T),:END_ID(O)"),
    "identifies": (
        "IDENTIFIES",
        ":START_ID(I),:END_ID(C),evidence,confidence:double,valid_from:datetime,ingested_at:datetime",
    ),
    "leads_to": (
        "LEADS_TO",
        ":START_ID(N),:END_ID(N),count:long,journeys:long,customers:long,median_seconds:double,p90_seconds:double,"
        "exits:long",
    ),
}
TOUCHPOINT_COLUMNS = (
    ":ID(T){id-type:long}",
    "touchpoint_id",
    "step",
    "channel",
    "stage",
    "occurred_at:datetime",
    "occurred_at_us:long",
    "ingested_at:datetime",
    "source",
    "batch_id",
    "known_customer_id",
    "anonymous_id",
    "source_session_id",
    "value:double",
    "currency",
    "email",
    "phone",
    "file_number:long",
    "line:long",
    ":LABEL",
)
_OPTIONS = csv.WriteOptions(include_header=False, quoting_style="needed")


class CsvFolder:
    """Appends columns to files of this process; `multiline` once any text had a line break in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.multiline = False

    def append(self, kind: str, columns: list[Any]) -> None:
        """Append rows, given as columns of one length, to this process' file of a kind."""
        if not len(columns[0]):
            return
        arrays = [column if isinstance(column, pa.Array) else pa.array(column) for column in columns]
        for array in arrays:
            if pa.types.is_string(array.type) and not self.multiline:
                self.multiline = bool(pc.any(pc.match_substring_regex(array, "[\r\n]")).as_py())
        table = pa.Table.from_arrays(arrays, names=[str(number) for number in range(len(arrays))])
        with (self.folder / f"{kind}-{os.getpid()}.csv").open("ab") as file:
            csv.write_csv(table, file, _OPTIONS)

    def write_header(self, kind: str, header: str) -> None:
        """Write the header of a kind."""
        (self.folder / f"{kind}.header").write_text(header + "\n", encoding="utf-8")

    def arguments(self, option: str, label: str, kind: str) -> list[str]:
        """The import tool's argument for a kind; none where there are no rows."""
        files = sorted(self.folder.glob(f"{kind}-*.csv"))
        if not files:
            return []
        return [f"--{option}={label}={','.join(map(str, [self.folder / f'{kind}.header', *files]))}"]


def instants(microseconds: Any) -> pa.Array:
    """Microseconds since 1970 as ISO 8601 in UTC."""
    text = pa.array(microseconds, pa.timestamp("us")).cast(pa.string())
    return pc.binary_join_element_wise(pc.replace_substring(text, " ", "T"), "Z", "")


def texts(values: Any) -> pa.Array:
    """Text with None as null; also where all are None."""
    return pa.array(values, pa.string())


def numbers(values: Any) -> pa.Array:
    """Floats with None as null; also where all are None."""
    return pa.array(values, pa.float64())
