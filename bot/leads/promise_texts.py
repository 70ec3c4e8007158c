"""What is owed of leads, in words."""

from collections.abc import Sequence

from bot.wording import counted, escape, first_name, outside

DOES = {
    "answer": "Answer",
    "first_contact": "Call",
    "next_step": "Next step",
    "review": "Look at",
    "data": "Complete",
}
NEXT_STEP, OTHER = "Next step…", "Look through…"
REVIEWED, COMPLETED = "✓ Looked at", "✓ Completed; it goes on by itself"


def recycle_all(number: int) -> str:
    return f"Recycle all {number}…" if number > 1 else "Recycle…"


def came(did: str, at: str) -> str:
    return f"{did}, came {at}"


def yours_since(at: str) -> str:
    return f"Yours since {at}"


def quiet_since(at: str, planned: str | None) -> str:
    return f"Quiet since {at}{f'; planned: “{outside(planned, 200)}”' if planned else ''}"


def planned(what: str) -> str:
    return f"✓ Next step: “{outside(what, 200)}”"


def came_back(number: int, label: str) -> str:
    return f"{counted(number, 'lead', 'leads')} that came back: {escape(label)}" if number else escape(label)


def titles(named: Sequence[str], rest: int) -> str:
    told = "; ".join(outside(title, 100) for title in named)
    return f"{told} and {rest} more" if rest else told


def came_back_from(label: str, name: str, sentence: str | None) -> str:
    said = f": “{outside(sentence, 200)}”" if sentence else ""
    return f"{escape(label)}, says {escape(first_name(name))}{said}"
