"""Write docs/cookbook.md from the headers of the Cypher files: `python -m tools.cookbook`."""

from __future__ import annotations

from pathlib import Path

from journeygraph import cookbook
from journeygraph.queries import Query

PAGE = Path(__file__).parents[1] / "docs" / "cookbook.md"
#: Question -> its picture in docs/pictures, and what that shows.  `tools.cookbook_pictures` draws them.
_PICTURES = {
    "browser/findings": ("step_graph", "steps as boxes, transitions as arrows, findings as numbers on them"),
    "browser/costliest_finding": ("gaps", "what each finding costs in conversions, with its interval"),
    "paths/view": ("paths", "journeys from step to step, level by level"),
    "paths/step_matrix": ("step_matrix", "share of journeys at each step, touchpoint by touchpoint"),
    "paths/waits": ("waits", "how long it takes from one step to the next"),
    "paths/variants": ("variants", "the commonest whole journeys, with the share of each"),
    "paths/transition_matrix": ("transition_matrix", "share that goes from the step of a row to that of a column"),
    "paths/to_goal": ("routes", "the most likely way to the goal, step by step with its shares"),
    "gaps/drop_off": ("gaps_drop_off", "journeys lost after a transition, observed and expected"),
    "gaps/loop": ("gaps_loop", "journeys that go round a cycle, observed and expected"),
    "gaps/incident": ("gaps_incident", "exits within a time span and before it"),
    "gaps/duplicate_step": ("gaps_duplicate_step", "how alike the neighbours of two steps are"),
    "attribution/markov": ("attribution", "conversions credited to each step by the Markov chain, with intervals"),
    "segments/overview": ("segments", "how customers of three segments convert, with intervals"),
    "blueprints/deviation": ("blueprint", "how many journeys deviate from a declared one, by step and kind"),
    "journeys/grain_totals": ("grains", "how many touchpoints belong to a household, an account, an order"),
    "patterns/support": ("patterns", "patterns of steps with their lift on converting"),
    "recommendations/step_to_step": ("recommendations", "what customers do after the cart"),
    "funnels/ordered": ("funnel", "how many customers reach each step of a funnel"),
}
_INTRODUCTION = """# Cypher cookbook

Every question that the product asks is a file in [`cypher/`](../cypher). The command line, the API and the report run
these very files, so what you see here is what they say.

**To use one:** open the file, copy all of it, paste it into Neo4j Browser and run it. A file with parameters starts
with a `:params` line of examples: change them. Browser then runs two statements, and of several it shows only that
they succeeded; the parameters stay set, so run the question by itself to see its rows. Or take the Cypher of any
answer: the report has a button that copies it with its parameters written in.

**As of an instant:** a question marked *as of* can also be asked about the past. The Cypher that an answer carries then
rebuilds the journeys from what was known at `$as_of` ([how](adr/0003-as-of-rebuilds-journeys-from-touchpoints.md)).

**In Neo4j Browser itself:** with `make serve` running, `:play http://localhost:8000/browser/guide` opens all of this as
a guide whose blocks go into the editor with a click, and `:style http://localhost:8000/browser/style.grass` gives
colours and captions.

What the nodes and relationships mean: [the graph](graph-model.md).

The pictures are those of [the report](report.md), drawn from a small online shop's log (the data set `simple_shop` of
retentioneering-tools, 3,751 customers).
"""


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for title, members in cookbook.rooms():
        parts.append(f"## {title}\n")
        parts.extend(_entry(query) for query in members)
    return "\n".join(parts)


def _entry(query: Query) -> str:
    as_of = " · *as of*" if query.reads_journeys else ""
    lines = [f"### [{query.title}](../cypher/{query.name}.cypher)\n", f"`{query.name}`{as_of}\n", f"{query.answers}\n"]
    if query.name in _PICTURES:
        name, shows = _PICTURES[query.name]
        lines.append(f'<img src="pictures/{name}.svg" width="560" alt="{shows}">\n')
    lines += [f"- `${parameter}`: {text}" for parameter, text in query.parameters.items()]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
