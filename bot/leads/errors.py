"""What cannot be done with a lead as asked; worded by texts.explain."""

from datetime import datetime


class LeadsError(Exception):
    """Something about a lead cannot be done as asked."""


class NoSuchOffer(LeadsError):
    """The offer is gone, or never was."""


class NotYours(LeadsError):
    """The offer is another person's."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        super().__init__(owner)


class NotToOpen(LeadsError):
    """A lead that this person may not open; `holder` is who has it."""

    def __init__(self, holder: str | None) -> None:
        self.holder = holder
        super().__init__(holder)


class TooLate(LeadsError):
    """Somebody was first, or the offer was taken back: what it is now, by whom, since when, and whose the lead is."""

    def __init__(self, answer: str, by: str | None, at: datetime | None, now_with: str | None, mine: bool) -> None:
        self.answer, self.by, self.at, self.now_with, self.mine = answer, by, at, now_with, mine
        super().__init__(answer)


class FurtherAlready(LeadsError):
    """The lead went on: the last step (None when it waits to be accepted), by whom, at what time."""

    def __init__(self, step: str | None, by: str | None, at: datetime | None, mine: bool) -> None:
        self.step, self.by, self.at, self.mine = step, by, at, mine
        super().__init__(step)


class NotToBeContacted(LeadsError):
    """Meanwhile the contact asked not to be contacted."""


class UndoOver(LeadsError):
    """The time to undo has passed."""


class AlreadyTaken(LeadsError):
    """It cannot be undone: somebody else has the lead by now."""

    def __init__(self, by: str) -> None:
        self.by = by
        super().__init__(by)


class CannotReceive(LeadsError):
    """A lead cannot be handed to this person: a code of why, and their name."""

    def __init__(self, why: str, name: str | None = None, until: datetime | None = None) -> None:
        self.why, self.name, self.until = why, name, until
        super().__init__(why)


class StillAsked(LeadsError):
    """A question about this lead waits for its answer already."""

    def __init__(self, of: str) -> None:
        self.of = of
        super().__init__(of)


class NobodyToAsk(LeadsError):
    """Nobody in marketing answers for this lead."""


class AnsweredBefore(LeadsError):
    """Somebody answered the question first."""

    def __init__(self, by: str) -> None:
        self.by = by
        super().__init__(by)
