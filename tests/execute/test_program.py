"""Joining a program with the modules that it imports: Python's own imports are the oracle."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_builder.execute.imports import SourceTree
from site_builder.execute.program import Program
from tests.execute.conftest import Project

PACKAGES = (f"package{number}" for number in count())
NAMES = ["f", "g", "_h", "list", "Same"]


@contextmanager
def importable(root: Path, package: str) -> Any:
    """Let Python import a package from a folder, and forget it afterwards."""
    sys.path.insert(0, str(root))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


def both_ways(files: Mapping[str, str], main: list[str]) -> tuple[Any, Any]:
    """Return `result` of a main program in pieces: by Python's imports, and joined. `P` stands for the package."""
    package = next(PACKAGES)
    pieces = [dedent(piece).replace("P", package) for piece in main]
    with TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.write({f"{package}/{path}": dedent(text).replace("P", package) for path, text in files.items()})
        project.write({"main.py": "\n".join(pieces)})
        tree = SourceTree(project.root)
        source = tree.source("main.py")
        assert source is not None
        program = Program(tree, source, pieces)
        imported: dict[str, Any] = {"__name__": "main"}
        with importable(project.root, package):
            exec("\n".join(pieces), imported)
    joined: dict[str, Any] = {"__name__": "__main__"}
    joined_text = "\n".join([program.beginning, *(text for _, text in program.modules), *program.main])
    exec(compile(joined_text, "joined", "exec", dont_inherit=True), joined)
    return imported["result"], joined["result"]


CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "two private helpers of one name": (
        {
            "a.py": "def _check(x): return ('a', x)\ndef use_a(x): return _check(x)\n",
            "b.py": "def _check(x): return ('b', x)\ndef use_b(x): return _check(x)\n",
        },
        ["from P.a import use_a\nfrom P.b import use_b\nresult = use_a(1), use_b(2)\n"],
    ),
    "a variable of the main program": (
        {"a.py": "scale = 2\ndef double(x): return x * scale\n"},
        ["from P.a import double\n", "scale = 100\nresult = double(3), scale\n"],
    ),
    "a module as an object": (
        {
            "sub/__init__.py": "kind = 'package'\n",
            "sub/a.py": "def load(): return 'a'\n",
            "sub/b.py": "from P.sub import a\ndef load(): return a.load() + 'b'\n",
        },
        ["from P.sub import a, b as other\nimport P.sub.b as third\nresult = a.load(), other.load(), third.load()\n"],
    ),
    "a dotted import": (
        {"sub/__init__.py": "x = 1\n", "sub/a.py": "def f(): return 'a'\n", "b.py": "y = 2\n"},
        ["import P.sub.a\nimport P.b\nresult = P.sub.a.f(), P.sub.x, P.b.y\n"],
    ),
    "names that functions and classes hide": (
        {
            "a.py": "def f(): return 'a'\nvalue = 'a'\nx = 'a'\n",
            "b.py": """
                value = 'b'
                x = 'b'
                def f(): return 'b'
                def parameter(f=f, *, value=value): return f() + value
                def local():
                    f = str
                    return f(value)
                def comprehension(): return [f() for x in 'xy'], [x for f in 'xy'], x
                def nested():
                    def f(): return 'inner'
                    return f() + value
                class Holder:
                    value = 'held'
                    def method(self): return value + f()
                    def f(self): return 'method'
                    g = lambda self, x=x: x + value
                def changes():
                    global x
                    x = x + '+'
                    return x
                text = f"{value} {f()} {x!r:>4}"
                def catches():
                    try:
                        raise ValueError
                    except ValueError as f:
                        return type(f).__name__ + value
                """,
        },
        [
            "from P import a, b\nh = b.Holder()\n",
            "result = [a.f(), a.value, b.parameter(lambda: 'given', value='too'), b.local()]\n",
            "result += [b.comprehension(), b.nested(), h.value, h.method()]\n",
            "result += [h.f(), h.g(), b.changes(), b.text, b.catches()]\n",
        ],
    ),
    "an import inside a function": (
        {
            "a.py": "def f(): return 'a'\n",
            "b.py": "def f():\n    from P.a import f as g, f\n    from P import a\n    return g(), f(), a.f()\n",
            "c.py": "def only():\n    from P.a import f\n    return f()\n",
        },
        ["from P.a import f as first\nfrom P.b import f\nfrom P.c import only\nresult = first(), f(), only()\n"],
    ),
    "one library under two names": (
        {
            "a.py": "import math as m\nfrom json import dumps as write\ndef a(): return m.pi, write(1)\n",
            "b.py": "import cmath as m\nfrom pickle import dumps as write\ndef b(): return m.pi, write(1)[:1]\n",
        },
        ["import math as m\nfrom P.a import a\nfrom P.b import b\nresult = a(), b(), m.floor(2.5)\n"],
    ),
    "relative imports and names passed on": (
        {
            "sub/__init__.py": "from .a import f\nfrom ..base import x as y\n",
            "sub/a.py": "from ..base import x\ndef f(): return x\n",
            "base.py": "x = 'base'\n",
        },
        ["from P.sub import f, y\nx = 'main'\nresult = f(), y, x\n"],
    ),
    "a name imported twice": (
        {
            "a.py": "def f(): return 'a'\ndef g(): return 'g'\n",
            "b.py": "from P.a import f as h\nfirst = h()\nfrom P.a import g as h\nlast = h()\n",
            "c.py": "from P.a import f\ndef f(before=f): return before() + 'c'\n",
        },
        [
            "from P.b import first, last\nfrom P.a import f\nresult = [first, last, f()]\n",
            "from P.c import f\nresult += [f()]\n",
        ],
    ),
    "what runs as a program": (
        {"a.py": "x = 1\nif __name__ == '__main__':\n    x = 2\n    raise SystemExit\n\ny = x\n"},
        ["from P.a import x, y\nresult = x, y\n"],
    ),
    "a mixed statement": (
        {"a.py": "x = 1\n"},
        ["import json, P.a as a; import math\nresult = json.dumps(a.x), math.pi\n"],
    ),
    "a name of Python's": (
        {"a.py": "def list(x): return ('a', x)\ndef f(): return list(1)\n", "b.py": "def g(): return list('ab')\n"},
        ["from P.a import f\nfrom P.b import g\nresult = f(), g(), list('c')\n"],
    ),
    "annotations that wait": (
        {"a.py": "from __future__ import annotations\nclass A:\n    def f(self, other: B) -> A: ...\nclass B: ...\n"},
        ["from P.a import A\nresult = A.__name__\n"],
    ),
    "another name for an import, where a parameter has the first": (
        {
            "a.py": "def scale(x): return 2 * x\n",
            "b.py": "from P.a import scale as grow\ndef f(scale): return grow(scale), [grow(scale) for scale in 'a']\n",
            "c.py": "def g(scale):\n    from P.a import scale as grow\n    return grow(scale)\n",
        },
        ["from P.b import f\nfrom P.c import g\nresult = f(3), g(4)\n"],
    ),
    "a helper whose new name a parameter has": (
        {
            "a.py": "def _check(x): return ('a', x)\ndef use_a(x): return _check(x)\n",
            "b.py": "def _check(x): return ('b', x)\ndef use_b(_check_b): return _check(_check_b)\n",
        },
        ["from P.a import use_a\nfrom P.b import use_b\nresult = use_a(1), use_b(2)\n"],
    ),
    "shapes": (
        {"a.py": "from typing import Any\nfrom jaxtyping import Int\ndef f(x: Int[Any, 'a b']) -> None: return x\n"},
        ["from P.a import f\nresult = f(1)\n"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_joined_program_does_what_its_modules_do(name: str) -> None:
    """The joined program gives what the same files give by Python's own imports."""
    imported, joined = both_ways(*CASES[name])
    assert joined == imported


@st.composite
def programs(draw: st.DrawFn) -> tuple[dict[str, str], list[str]]:
    """Draw modules that define the same few names, import from those before them, and call what they see."""
    n_modules = draw(st.integers(1, 4))
    files: dict[str, str] = {}
    defined: dict[int, list[str]] = {}
    for number in range(n_modules):
        text, seen = "", []
        for earlier in draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []:
            statement, call = draw(imports_of(earlier, defined[earlier]))
            text += f"{statement}\n"
            seen.append(call)
        names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
        own = draw(st.permutations([call for call in seen if call.partition(".")[0] not in (*names, "last")]))
        for name in names:
            hiding = draw(st.sampled_from(["", "last=0", "g=0", "f=0, _h=0"]))
            seen_here = [call for call in own if call.partition(".")[0] not in hiding.replace("=0", "").split(", ")]
            text += (
                f"def {name}({hiding}): return ('{number}.{name}', {''.join(f'{call}(), ' for call in seen_here)})\n"
            )
        text += f"def last(): return [{', '.join(f'{name}()' for name in names)}]\n"
        files[f"m{number}.py"], defined[number] = text, [*names, "last"]
    statement, call = draw(imports_of(n_modules - 1, ["last"]))
    other, other_call = draw(imports_of(0, defined[0]))
    mine = draw(st.sampled_from(["own", "last_", "g_m"]))
    return files, [f"{other}\n{mine}0 = 1\n", f"first = {other_call}()\n{statement}\nresult = first, {call}()\n"]


def imports_of(number: int, names: list[str]) -> st.SearchStrategy[tuple[str, str]]:
    """Draw a way to import one of a module's names, and the expression by which it is then called."""
    ways = [
        ("from P.m{0} import {1}", "{1}"),
        ("from P.m{0} import {1} as other{0}", "other{0}"),
        ("from P import m{0}", "m{0}.{1}"),
        ("from P import m{0} as f{0}", "f{0}.{1}"),
        ("import P.m{0} as q{0}", "q{0}.{1}"),
    ]
    return st.tuples(st.sampled_from(ways), st.sampled_from(names)).map(
        lambda drawn: (drawn[0][0].format(number, drawn[1]), drawn[0][1].format(number, drawn[1]))
    )


@settings(max_examples=200, deadline=None)
@given(programs())
def test_any_joined_program_does_what_its_modules_do(program: tuple[dict[str, str], list[str]]) -> None:
    """For generated modules that share names, the joined program gives what Python's own imports give."""
    imported, joined = both_ways(*program)
    assert joined == imported


def test_comments_and_layout_stay(project: Project) -> None:
    """What is not an import of the project, or a name that is taken, stays as it was written, byte for byte."""
    kept = "# before\nx  =  [1,\n      2]   # after\n\n\ndef f( a ):\n    'é'\n    return  x\n"
    project.write({"p/__init__.py": '"""Nothing."""\n', "p/a.py": f"import p.b\n{kept}", "p/b.py": "y = 1\n"})
    tree = SourceTree(project.root)
    source = tree.source("p/a.py")
    assert source is not None
    program = Program(tree, source)
    assert [path for path, _ in program.modules] == ["p/b.py", "p/a.py"]
    assert program.modules[-1][1].endswith(kept.rstrip())
