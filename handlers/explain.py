"""Known errors as kind sentences."""

from collections.abc import Callable
from datetime import datetime

from bot.council import errors as council_errors
from bot.council import texts as council_texts
from bot.feedback import errors as field_errors
from bot.feedback import texts as field_texts
from bot.leads import errors, questions
from bot.leads import texts as lead_texts
from bot.people import service as people
from bot.people import texts as people_texts
from bot.sla import errors as sla_errors
from bot.sla import texts as sla_texts

At = Callable[[datetime | None], str | None]


def explain(error: Exception, at: At) -> str | None:
    """What to tell the person, `at` wording instants for them; None for an error that is not known."""
    match error:
        case people.Stranger():
            return people_texts.stranger(error.administrators)
        case people.Outsider():
            return people_texts.OUTSIDER
        case errors.NotYours():
            return lead_texts.not_yours(error.owner)
        case errors.TooLate():
            return lead_texts.too_late(error.answer, error.by, at(error.at), error.now_with, mine=error.mine)
        case errors.FurtherAlready():
            return lead_texts.further_already(error.step, error.by, at(error.at), mine=error.mine)
        case errors.CannotReceive():
            return lead_texts.cannot_receive(error.why, error.name, at(error.until))
        case field_errors.FurtherAlready():
            return field_texts.further(error.step, error.by, at(error.at) or "")
        case sla_errors.TooFar():
            return sla_texts.too_far(at(error.until) or "")
    return _about_names(error) or SENTENCES.get(type(error))


def _about_names(error: Exception) -> str | None:
    match error:
        case council_errors.NotCouncil():
            return council_texts.not_council(error.names)
        case council_errors.DoneAlready():
            return council_texts.done_already(error.name)
        case errors.NotToOpen():
            return lead_texts.not_to_open(error.holder)
        case errors.AlreadyTaken():
            return lead_texts.already_taken(error.by)
        case errors.StillAsked():
            return lead_texts.still_asked(error.of)
        case errors.AnsweredBefore():
            return lead_texts.answered_before(error.by)
        case sla_errors.CannotStandIn():
            return sla_texts.cannot_stand_in(error.why, error.name)
        case field_errors.NotTheirs():
            return field_texts.not_theirs(error.name)
        case field_errors.CannotTake():
            return field_texts.cannot_take(error.name)
        case sla_errors.NotTheirs():
            return sla_texts.not_theirs(error.name)
    return None


SENTENCES: dict[type[Exception], str] = {
    council_errors.NoSuchDecision: council_texts.NO_SUCH_DECISION,
    errors.UndoOver: lead_texts.UNDO_OVER,
    errors.NotToBeContacted: lead_texts.NOT_TO_BE_CONTACTED,
    errors.NoSuchOffer: lead_texts.NO_SUCH_OFFER,
    errors.NobodyToAsk: lead_texts.NOBODY_TO_ASK,
    questions.NotAsked: lead_texts.NOT_FOR_YOU,
    field_errors.NoSuchReport: field_texts.NO_SUCH_REPORT,
    field_errors.TalkOver: field_texts.TALK_OVER,
    field_errors.UndoOver: field_texts.UNDO_OVER,
    sla_errors.NoSuchPromise: sla_texts.NO_SUCH_PROMISE,
    sla_errors.DoneAlready: sla_texts.DONE_ALREADY,
    sla_errors.NobodyToHelp: sla_texts.NOBODY_TO_HELP,
    sla_errors.NotOffered: sla_texts.NOT_ALONE,
    sla_errors.Past: sla_texts.PAST,
}
