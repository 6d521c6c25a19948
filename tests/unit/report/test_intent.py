"""The section about intent scores: what it shows is what the model holds, and names that customers gave stay text."""

from __future__ import annotations

import base64
import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from journeygraph.intent.models import store
from journeygraph.intent.models.model import IntentModel
from journeygraph.intent.models.training import Training, train
from journeygraph.report import html, intent, markdown, tables
from journeygraph.report.model import Report, make_table
from journeygraph.settings import Settings
from tests.report_samples import HOSTILE, report
from tests.unit.intent.small_shop import RULES, shop, table
from tests.unit.report.test_html import Page


@pytest.fixture(scope="module")
def model() -> IntentModel:
    journeys = replace(table(shop(200)), channels=["ad", HOSTILE])
    return train(journeys, RULES, Training(7 * 86_400.0, candidates=["logistic"]))


@pytest.fixture(scope="module")
def with_intent(model: IntentModel, tmp_path_factory: pytest.TempPathFactory) -> Report:
    home: Path = tmp_path_factory.mktemp("home")
    store.save(model, home)
    found = intent.section(table(shop(200)), RULES, Settings(JOURNEYGRAPH_HOME=home))
    counted = {"customers": 200, "journeys": 1_234, "touchpoints": 9_876, "conversions": 543}
    learned = make_table("intent_learned_from", "", [counted], "RETURN $until_us AS customers", {"until_us": 1})
    made = report()
    return made.model_copy(update={"intent": found, "tables": (*made.tables, learned)})


def test_each_picture_has_its_table_in_the_page(with_intent: Report, model: IntentModel) -> None:
    beside = tables.files(with_intent)
    inside = {
        str(attributes["download"]): base64.b64decode(str(attributes["href"]).partition(",")[2]).decode()
        for tag, attributes in Page(html.render(with_intent)).tags
        if tag == "a" and str(attributes.get("download", "")).startswith("intent_")
    }
    assert set(inside) == {name for name in tables.BEHIND_PICTURES if name.startswith("intent_")}
    assert inside == {name: beside[name] for name in inside}
    rows = {name: list(csv.DictReader(io.StringIO(text))) for name, text in inside.items()}
    figures = next(one for one in model.figures if one.name == model.chosen)
    assert [float(row["lift"]) for row in rows["intent_deciles.csv"]] == list(figures.decile_lift)
    assert [int(row["cases"]) for row in rows["intent_reliability.csv"]] == [bin.cases for bin in figures.reliability]
    groups = model.audit.groups
    assert [(float(row["gap_low"]), float(row["gap_high"])) for row in rows["intent_groups.csv"]] == [
        one.gap[1:] for one in groups
    ]
    assert len(rows["intent_slices.csv"]) == len(model.audit.slices)


def test_what_customers_typed_is_text(with_intent: Report) -> None:
    page = html.render(with_intent)
    assert "latest channel" in page
    assert "<script>alert(1)" not in page
    assert "<script>alert(1)" not in markdown.render(with_intent)


def test_the_section_says_whether_groups_differ(with_intent: Report) -> None:
    text = markdown.render(with_intent)
    assert "For whom the scores hold" in text
    assert "When the scores hold" in text
    assert "Whom the scores find" in text


def test_the_card_says_what_was_measured_with_the_cypher_of_what_was_counted(
    with_intent: Report, model: IntentModel
) -> None:
    text = markdown.render(with_intent)
    part = text.partition("### The card of the model")[2].partition("### ")[0]
    chosen = next(one for one in model.figures if one.name == model.chosen)
    low, high = chosen.auc_interval or (0.0, 1.0)
    assert f"AUC {chosen.auc:.3f} ({low:.3f} to {high:.3f})" in part
    assert "9,876 touchpoints, 1,234 journeys, 200 customers, 543 conversions in the graph by then" in part
    assert "RETURN 1 AS customers;" in part
    assert "decide about no single person" in part
    page = html.render(with_intent)
    assert "The card of the model" in page
    assert HOSTILE not in page
