"""Write the lock of a Neo4j version: every jar of the server and its Browser, with SHA-256 and size, without addresses.

    python tools/lock_neo4j.py 5.26.30 org.neo4j.server.CommunityEntryPoint
    python tools/lock_neo4j.py 2026.08.1 org.neo4j.server.Neo4jCommunity

Resolves through jgo (Maven's own rules, in Python), which downloads everything once.  Commit the file that it writes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import jgo
from jgo.config import GlobalSettings
from jgo.env import LockFile

BROWSER = "org.neo4j.client:neo4j-browser:5.24.0"
LOCKS = Path(__file__).parents[1] / "src/journeygraph/server/locks"


def main(version: str, main_class: str) -> None:
    with tempfile.TemporaryDirectory() as cache:
        environment = jgo.build(f"org.neo4j:neo4j:{version}+{BROWSER}", cache_dir=Path(cache))
        lock = LockFile.load(environment.lock_path)
    repository = GlobalSettings.load().repo_cache
    lines = [
        "# Written by tools/lock_neo4j.py; do not edit.",
        "[environment]",
        f'name = "neo4j-{version}"',
        f"min_java_version = {lock.min_java_version}",
        "",
        "[entrypoints]",
        f'server = "{main_class}"',
    ]
    for jar in sorted(lock.dependencies, key=lambda jar: (jar.groupId, jar.artifactId, jar.classifier or "")):
        suffix = f"-{jar.classifier}" if jar.classifier else ""
        name = f"{jar.artifactId}-{jar.version}{suffix}.jar"
        path = repository / jar.groupId.replace(".", "/") / jar.artifactId / jar.version / name
        lines += ["", "[[dependencies]]", f'groupId = "{jar.groupId}"', f'artifactId = "{jar.artifactId}"']
        lines += [f'version = "{jar.version}"'] + ([f'classifier = "{jar.classifier}"'] if jar.classifier else [])
        lines += [f'sha256 = "{jar.sha256}"', f"size = {path.stat().st_size}"]
    target = LOCKS / f"neo4j-{version}.lock.toml"
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"{target.name}: {len(lock.dependencies)} jars\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
