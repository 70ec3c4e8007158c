"""What can be wrong with what somebody asks of a promise."""

from datetime import datetime


class SlaError(Exception):
    """Something about a promise cannot be done as asked."""


class NoSuchPromise(SlaError):
    """There is none, or it is somebody else's."""


class DoneAlready(SlaError):
    """It is not owed any more."""


class TooFar(SlaError):
    """Later than the policy lets one put it off; `until` is the last instant it allows."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(str(until))


class Past(SlaError):
    """A time that has gone by."""


class NobodyToHelp(SlaError):
    """Nobody leads this person, or nobody who is there."""


class NotTheirs(SlaError):
    """Only a manager may do this for somebody else."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(name)


class CannotStandIn(SlaError):
    """Somebody who is away too, has left, or is the same person cannot stand in; `why` is a code."""

    def __init__(self, why: str, name: str) -> None:
        self.why, self.name = why, name
        super().__init__(why)


class NotOffered(SlaError):
    """This goes to somebody only together with what it is about."""
