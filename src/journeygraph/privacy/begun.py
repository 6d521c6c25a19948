"""An erasure that has begun and isn't complete: `<home>/privacy/begun`, a file for each.

It says whom to look for, which nothing else tells any more once the customer is gone from the graph, and which load
brought each touchpoint, so that the proof counts them however often the erasure was interrupted.  It is readable by
its owner only, and goes with the last step.
"""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from filelock import FileLock

from journeygraph.errors import NotFound, UsageError
from journeygraph.graph import Graph
from journeygraph.privacy.files import TouchedFile
from journeygraph.privacy.person import Person
from journeygraph.privacy.suppression import count_unlisted

Mode = Literal["erase", "anonymise"]


@dataclass
class Begun:
    """What was found at the beginning, and what has been removed by now.

    `present` counts the person's touchpoints by load as they were when this process took it up; of those that a load
    brought since, `arrived` tells.  `suppressed` counts the identifiers that no earlier erasure had put on the list.
    """

    path: Path
    erasure_id: str
    mode: Mode
    merged: bool
    person: Person
    pseudonym: str | None
    suppressed: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    arrived: Counter[str] = field(default_factory=Counter)
    files: list[TouchedFile] = field(default_factory=list)
    resumed: bool = False
    present: Counter[str] = field(default_factory=Counter)

    @property
    def by_load(self) -> Counter[str]:
        """The person's touchpoints by the load that brought them, whoever deleted them."""
        return Counter(self.person.loads.values()) + self.arrived

    def note(self, **counts: int) -> None:
        """Keep how many of each kind were removed."""
        self.removed.update(counts)
        self.keep()

    def count_touchpoints(self, deleted: Counter[str]) -> None:
        """Keep how many touchpoints went: those that were there, and those that came while they were deleted."""
        self.arrived += deleted - self.present
        self.removed["touchpoints"] = self.by_load.total()
        self.keep()

    def touch(self, touched: Iterable[TouchedFile]) -> None:
        """Keep which files were rewritten or deleted."""
        self.files += touched
        self.keep()

    def take_up(self, graph: Graph, mode: Mode) -> None:
        """Go on with it: whatever of the person is in the graph now is looked for as well.

        Raises `UsageError` where it was begun in the other mode.
        """
        if mode != self.mode:
            raise UsageError(
                f"The erasure of {self.person.customer_id!r} was interrupted in the mode {self.mode!r}: complete it "
                f"first, with that mode."
            )
        self.resumed = True
        try:
            now = Person.read(graph, self.person.customer_id)
        except NotFound:
            return
        self.present = Counter(now.loads.values())
        new = [known for known in now.identifiers if known not in self.person.identifiers]
        self.suppressed += count_unlisted(self.path.parents[2], new)
        self.person = self.person.joined(now)
        self.keep()

    def keep(self) -> None:
        """Write it down, for good."""
        fresh = self.path.with_suffix(".new")
        told = {
            "erasure_id": self.erasure_id,
            "mode": self.mode,
            "merged": self.merged,
            "person": asdict(self.person),
            "pseudonym": self.pseudonym,
            "suppressed": self.suppressed,
            "removed": dict(self.removed),
            "arrived": dict(self.arrived),
            "files": [file.model_dump() for file in self.files],
        }
        with _alone(self.path.parent):
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(json.dumps(told))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)

    def end(self) -> None:
        """Forget it: all was done."""
        with _alone(self.path.parent):
            self.path.unlink(missing_ok=True)
            for half_written in self.path.parent.glob("*.new"):  # by a process that was killed
                half_written.unlink()


def _alone(folder: Path) -> FileLock:
    """One process at a time writes there."""
    return FileLock(folder.with_suffix(".lock"))


def start(home: Path, person: Person, mode: Mode, *, merged: bool) -> Begun:
    """Write down who is to be erased."""
    folder = home / "privacy" / "begun"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    erasure_id = secrets.token_hex(8)
    begun = Begun(
        path=folder / f"{erasure_id}.json",
        erasure_id=erasure_id,
        mode=mode,
        merged=merged,
        person=person,
        pseudonym=f"erased:{secrets.token_hex(8)}" if mode == "anonymise" else None,
        # Counted before they are put there, so that a process that is killed in between has counted them once.
        suppressed=count_unlisted(home, person.identifiers),
        present=Counter(person.loads.values()),
    )
    begun.keep()
    return begun


def find(home: Path, customer_id: str) -> Begun | None:
    """The interrupted erasure of whoever had this customer id."""
    for path in sorted((home / "privacy" / "begun").glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        person = Person.of(told.pop("person"))
        if ("customer_id", customer_id) in person.known_as:
            told["files"] = [TouchedFile(**file) for file in told["files"]]
            told |= {name: Counter(told[name]) for name in ("removed", "arrived")}
            return Begun(path=path, person=person, **told)
    return None
