"""Keep a workspace in a file between two starts."""

from pathlib import Path

from pydantic import TypeAdapter

from sandbox.state import Workspace

_WORKSPACE = TypeAdapter(Workspace)


def load(path: Path) -> Workspace:
    """The workspace as it was saved. Raises pydantic's ValidationError for a file that is none."""
    return _WORKSPACE.validate_json(path.read_bytes())


def save(path: Path, workspace: Workspace) -> None:
    """In one step: a reader finds the old state or the new one."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(_WORKSPACE.dump_json(workspace))
    fresh.replace(path)
