"""The check of `tools.fuzz` on inputs that atheris finds: those that reach code which none reached before."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.fuzz import MAX_BYTES, ROOT, check, seeds


def run(reader: str, seconds: float, corpus: Path) -> int:
    """The same check, by inputs that atheris finds; the corpus is kept small (what reaches new code only)."""
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

    with atheris.instrument_imports(include=["journeygraph_loaders"]):
        for module in [name for name in sys.modules if name.startswith("journeygraph_loaders")]:
            sys.modules.pop(module)
        import journeygraph_loaders.reading as reading

    folder = Path(tempfile.mkdtemp())

    def one(content: bytes) -> None:
        check(reader, content, folder, reading)

    corpus.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(seeds(reader)):
        (corpus / f"seed-{number}").write_bytes(content)
    arguments = [f"-max_total_time={int(seconds)}", f"-max_len={MAX_BYTES}", "-timeout=30", "-rss_limit_mb=2048",
                 "-use_value_profile=0", "-print_final_stats=1", f"-artifact_prefix={corpus}/finding-"]  # fmt: skip
    atheris.Setup([sys.argv[0], *arguments, str(corpus)], one)
    atheris.Fuzz()
    return 0


def in_environment(arguments: list[str], folder: Path) -> int:
    """Run this command in an environment that has atheris; it is made once, beside the corpus."""
    python = folder / "environment" / "bin" / "python"
    if not python.exists():
        import venv

        venv.create(folder / "environment", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "atheris>=2.3"], check=True)
    paths = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    paths += [str(ROOT / part) for part in ("src", "loaders", "api")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "JOURNEYGRAPH_FUZZ_INSIDE": "1"}
    return subprocess.run([python, "-m", "tools.fuzz", *arguments], env=environment, cwd=ROOT).returncode
