"""Compile packages of an environment anew, without their docstrings.

    ENVIRONMENT/bin/python compile_packages.py PACKAGE...

Nobody reads them on a box, and each program would hold those of all its libraries in memory:
docs/operations/budget.md. Python's own option for it (-OO) would take checks away as well
(`assert`), and have the standard library compiled at every start. What cannot be compiled stays as
it is.
"""

import ast
import importlib.util
import marshal
import sys
import sysconfig
import tokenize
import warnings
from pathlib import Path

# <https://peps.python.org/pep-0552/>: whether the source has changed is told by its time and size.
_BY_TIME = bytes(4)
# Some look whether there is one, or add to it.
_INSTEAD = "-"
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def compile_packages(folder: Path, names: list[str]) -> int:
    """How many files were compiled."""
    return sum(_compile(source) for name in names for source in (folder / name).rglob("*.py"))


def _compile(source: Path) -> bool:
    try:
        with tokenize.open(source) as file:
            code = compile(_bare(ast.parse(file.read())), source, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        # Templates, and what is for other versions of Python.
        return False
    state = source.stat()
    head = importlib.util.MAGIC_NUMBER + _BY_TIME
    head += (int(state.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little")
    head += (state.st_size & 0xFFFFFFFF).to_bytes(4, "little")
    target = Path(importlib.util.cache_from_source(str(source)))
    target.parent.mkdir(parents=True, exist_ok=True)
    # In its place, not into it: another release may have it by a link.
    new = target.with_suffix(".new")
    new.write_bytes(head + marshal.dumps(code))
    new.replace(target)
    return True


def _bare(module: ast.Module) -> ast.Module:
    for node in ast.walk(module):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.copy_location(ast.Expr(ast.Constant(_INSTEAD)), node.body[0])
    return ast.fix_missing_locations(module)


if __name__ == "__main__":
    # Theirs to mend: odd escapes in strings, say.
    warnings.simplefilter("ignore")
    done = compile_packages(Path(sysconfig.get_path("purelib")), sys.argv[1:])
    sys.stdout.write(f"{done} files compiled\n")
