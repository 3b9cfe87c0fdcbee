"""The house (docs/design.md): imports run downwards only, and nothing but flows.py and serving.py knows Prefect."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {"rules": 0, "extractors": 1, "classifiers": 2, "corpus": 2, "pipeline": 3, "flows": 4, "workbench": 4}
FLOORS |= {"serving": 5, "commands": 5, "cli": 6}
PREFECT = ("flows.py", "serving.py")
MODULES = [ROOT / "cli.py", *map(ROOT.joinpath, PREFECT), *(p for floor in FLOORS for p in sorted((ROOT / floor).glob("**/*.py")))]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_downwards_only(path: Path) -> None:
    own = FLOORS[path.relative_to(ROOT).parts[0].removesuffix(".py")]
    for name in imports(path):
        floor = FLOORS.get(name.split(".")[0])
        assert floor is None or floor <= own, f"{path.name} imports {name}, which lives above it"


@pytest.mark.parametrize("path", [p for p in MODULES if p.name not in PREFECT], ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_else_knows_prefect(path: Path) -> None:
    assert not any(name.split(".")[0] == "prefect" for name in imports(path))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_code_knows_an_area_or_a_criterion_by_name(path: Path) -> None:
    from rules.loader import load_pack

    pack = load_pack()
    names = [one.id for one in (*pack.areas, *pack.criteria)]
    strings = {
        n.value for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    docstrings = set(re.findall(r'"""(.*?)"""', path.read_text(encoding="utf-8"), re.DOTALL))
    said = [name for name in names for s in strings if re.search(rf"\b{name}\b", s) and s.strip() not in {d.strip() for d in docstrings}]
    if path.parent.name == "commands":
        said = [s for s in said if s not in ("roads_policing", "prioritisation")]  # the example in a command's help
    assert said == []
