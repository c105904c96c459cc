"""Which folder may import what: DESIGN's table, so that imports point one way and each library has one owner."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parent.parent / "clinical_nb"
LONGEST_FILE = 350  # lines; a second noun hides in a longer one

EVERYWHERE = {"polars"}


class Allowed(NamedTuple):
    """What one folder, or one module beside the folders, may import."""

    project: set[str]
    libraries: set[str]


MIDDLE = {"errors", "plans", "plan", "result"}
FOLDERS = {"dictionary", "intake", "quality", "store", "changes", "ask", "analysis", "history", "render"}
# Lowest row first, and no row names one below it, so that a cycle cannot be written down.
ALLOWED = {
    "errors": Allowed(set(), set()),
    "doing": Allowed(set(), set()),
    "enumeration": Allowed(set(), set()),
    "formulas": Allowed(set(), set()),
    "garbage": Allowed(set(), set()),
    "locks": Allowed({"doing"}, {"filelock"}),
    "plans": Allowed({"errors"}, set()),
    "plan": Allowed({"errors", "plans"}, set()),
    "schema": Allowed({"plan", "plans"}, set()),
    "result": Allowed({"errors", "plan"}, set()),
    "dictionary": Allowed({"errors", "plans"}, {"yaml", "pydantic"}),
    "intake": Allowed(
        {"errors", "doing", "formulas", "dictionary"},
        {"charset_normalizer", "fastexcel", "numpy", "polars_readstat", "pyarrow", "pyreadstat"},
    ),
    "quality": Allowed({"errors", "doing", "dictionary", "intake"}, set()),
    "store": Allowed({"errors", "doing", "formulas", "locks"}, {"duckdb", "numpy"}),
    "changes": Allowed({"errors", "enumeration", "dictionary"}, set()),
    "ask": Allowed({"plan", "plans", "dictionary", "errors", "garbage"}, {"rapidfuzz"}),
    "analysis": Allowed(MIDDLE | {"dictionary"}, {"narwhals", "numpy", "scipy"}),
    "disclosure": Allowed(MIDDLE | {"doing", "dictionary", "analysis"}, {"narwhals", "numpy", "scipy"}),
    "history": Allowed({"plan", "plans", "errors", "locks", "garbage"}, set()),
    "render": Allowed(MIDDLE | {"formulas", "dictionary"}, {"great_tables", "vl_convert"}),
    "dataset": Allowed(MIDDLE | FOLDERS, set()),
    "uploading": Allowed(MIDDLE | FOLDERS | {"doing", "enumeration", "dataset"}, set()),
    "moving": Allowed(MIDDLE | FOLDERS | {"formulas", "locks", "doing", "enumeration", "dataset", "uploading"}, set()),
    "answering": Allowed(MIDDLE | FOLDERS | {"locks", "dataset", "disclosure"}, set()),
    "sessions": Allowed(
        MIDDLE | FOLDERS | {"doing", "dataset", "disclosure", "uploading", "moving", "answering"}, set()
    ),
    "session": Allowed({"ask", "dataset", "disclosure", "answering", "sessions"}, set()),
    "notebook": Allowed(
        {"session", "render", "dictionary", "intake", "quality", "errors", "doing"},
        {"IPython", "anywidget", "traitlets"},
    ),
    "__init__": Allowed({"session", "notebook", "errors"}, {"IPython"}),  # whose shell load_ipython_extension is given
}

# Of the rooms within a folder, lowest first: none imports one after it. What lies beside them is the folder's spine.
WITHIN = {
    "analysis": ("guards", "counted", "rows", "arithmetic", "models", "kinds"),
    "ask": ("language", "linking", "rules", "rows", "following", "model"),
}


def modules(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def place_of(module: Path, package: Path) -> str:
    """The row of the table that a module is in: its folder, or its own name beside the folders."""
    return module.relative_to(package).parts[0].removesuffix(".py")


def imports_of(module: Path, package: Path) -> Iterator[tuple[int, str]]:
    """Every imported name with its line, those in functions and for type checkers included."""
    inside = [package.name, *module.relative_to(package).parts[:-1]]
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = inside[: len(inside) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            # `from package import folder` names the folder, not the package
            yield from ((node.lineno, f"{source}.{name.name}") for name in node.names)


def violations(package: Path) -> list[str]:
    """One sentence for each import that the table does not allow."""
    found: list[str] = []
    for module in modules(package):
        place, file = place_of(module, package), module.relative_to(package.parent).as_posix()
        if place not in ALLOWED:
            found.append(f"{file}: '{place}' is not in the table of {Path(__file__).name}.")
            continue
        for line, name in imports_of(module, package):
            top, _, below = name.partition(".")
            target = below.split(".")[0]
            if top == package.name and target not in ALLOWED[place].project | {place}:
                found.append(f"{file}:{line}: '{place}' may not import {package.name}.{target}.")
            elif top != package.name and top not in ALLOWED[place].libraries | EVERYWHERE | sys.stdlib_module_names:
                found.append(f"{file}:{line}: '{place}' may not import {top}; another place owns it.")
    return list(dict.fromkeys(found))


def plant(folder: Path, files: dict[str, str]) -> Path:
    package = folder / "clinical_nb"
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    return package


def test_imports_point_one_way_and_each_library_has_one_owner():
    found = violations(PACKAGE)

    assert found == [], "\n".join(["", *found])


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("store/a.py", "import scipy.stats", "'store' may not import scipy"),
        ("store/a.py", "from clinical_nb.ask.reading import x", "'store' may not import clinical_nb.ask"),
        ("store/a.py", "from clinical_nb import session", "'store' may not import clinical_nb.session"),
        ("store/a.py", "from .. import session", "'store' may not import clinical_nb.session"),
        ("store/a.py", "from ..ask import reading", "'store' may not import clinical_nb.ask"),
        ("store/deep/a.py", "from ...ask import reading", "'store' may not import clinical_nb.ask"),
        ("store/a.py", "def f():\n    import narwhals", "a.py:2: 'store' may not import narwhals"),
        ("ask/a.py", "if TYPE_CHECKING:\n    import duckdb", "a.py:2: 'ask' may not import duckdb"),
        ("ask/a.py", "try:\n    import torch\nexcept ImportError:\n    pass", "'ask' may not import torch"),
        ("plan.py", "from clinical_nb.result import Result", "'plan' may not import clinical_nb.result"),
        ("notebook/a.py", "from clinical_nb.store.datastore import x", "'notebook' may not import clinical_nb.store"),
        ("utils.py", "import json", "'utils' is not in the table"),
    ],
)
def test_an_import_against_the_table_is_found(tmp_path, file, text, told):
    (found,) = violations(plant(tmp_path, {file: text}))

    assert told in found


def test_imports_that_the_table_allows_are_not_found(tmp_path):
    text = (
        "import json\nimport polars as pl\nimport duckdb\nfrom . import a\nfrom clinical_nb.errors import StoreError\n"
    )

    assert violations(plant(tmp_path, {"store/b.py": text})) == []


def test_each_library_of_the_table_is_imported_by_the_row_that_owns_it():
    imported = {
        (place_of(module, PACKAGE), name.partition(".")[0])
        for module in modules(PACKAGE)
        for _, name in imports_of(module, PACKAGE)
    }

    idle = {(row, library) for row, allowed in ALLOWED.items() for library in allowed.libraries} - imported

    assert idle == set()


def test_a_row_names_only_rows_above_it():
    rows = list(ALLOWED)

    backwards = [(row, name) for row in rows for name in ALLOWED[row].project if rows.index(name) >= rows.index(row)]

    assert backwards == []


def test_the_rooms_within_a_folder_are_in_order():
    backwards: list[str] = []
    for folder, rooms in WITHIN.items():
        for module in modules(PACKAGE / folder):
            room = module.relative_to(PACKAGE / folder).parts[0]
            for line, name in imports_of(module, PACKAGE):
                target = name.removeprefix(f"clinical_nb.{folder}.").split(".")[0]
                if {room, target} <= set(rooms) and rooms.index(target) > rooms.index(room):
                    backwards.append(f"{folder}/{room}/{module.name}:{line} imports {target}")

    assert backwards == []
    assert all(
        {path.name for path in (PACKAGE / folder).iterdir() if path.is_dir()} - {"__pycache__"} == set(rooms)
        for folder, rooms in WITHIN.items()
    )


def test_every_file_begins_by_saying_why_it_exists():
    silent = [module.relative_to(PACKAGE).as_posix() for module in modules(PACKAGE) if _docstring_line(module) != 1]

    assert silent == []


def test_the_map_for_those_who_work_on_it_names_every_room():
    text = (PACKAGE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {f"`{path.name}/`" for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    rooms |= {f"`{path.name}`" for path in PACKAGE.glob("*.py") if path.stem != "__init__"}

    assert {room for room in rooms if room not in text} == set()


def test_no_file_is_long_enough_to_hide_a_second_noun():
    lengths = {
        file.relative_to(PACKAGE).as_posix(): len(file.read_text(encoding="utf-8").splitlines())
        for file in (*modules(PACKAGE), *PACKAGE.rglob("*.js"))
    }

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def _docstring_line(module: Path) -> int | None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return tree.body[0].lineno if ast.get_docstring(tree) else None
