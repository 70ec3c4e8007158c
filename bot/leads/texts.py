"""Every sentence about leads that a person reads. Short, plain, kind, specific; never blame."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.wording import counted, escape, first_name, listed, on_date, outside

ACCEPT, REJECT, REJECT_DO = "Accept", "Reject…", "Send back"
NO_LEADS = "You have no open leads. New ones come here by themselves."
HELP = (
    "*What you can do with leads*\n"
    "`/lead mine` lists your open leads, the most urgent first\n"
    "`/lead help` shows this\n"
    "New leads come as direct messages: *Accept* or *Reject…* with one tap, and *Undo* for five minutes."
)
TANDEM_HELP = (
    "*Tandem brings you leads and keeps promises between sales and marketing.*\n"
    "`/lead mine` your open leads\n"
    "`/lead help` what you can do with leads\n"
    "`/tandem help` shows this"
)
DIRECT_MESSAGE = "I can't read messages yet, but I know these commands: `/lead mine`, `/lead help`, `/tandem help`."

TOUCHES = {
    "download": "Read {asset}",
    "page": "Looked at {asset}",
    "event": "Came to {asset}",
    "webinar": "Watched {asset}",
    "demo_request": "Asked for a demo of {asset}",
    "quote_request": "Wants a quote for {asset}",
    "form": "Filled in {asset}",
    "email": "Answered {asset}",
}
TOUCHES_ALONE = {
    "download": "Downloaded something",
    "page": "Visited our pages",
    "event": "Came to our stand",
    "webinar": "Watched our webinar",
    "demo_request": "Asked for a demo",
    "quote_request": "Wants a quote",
    "form": "Filled in a form",
    "email": "Wrote to us",
}


def touch(kind: str, asset: str) -> str:
    """What they did, in words; a kind that marketing added is said as it is."""
    if asset:
        return TOUCHES.get(kind, kind.replace("_", " ").capitalize() + ": {asset}").format(asset=asset)
    return TOUCHES_ALONE.get(kind, kind.replace("_", " ").capitalize())


def tells_on(text: str, name: str | None, email: str | None, phone: str | None) -> bool:
    """Whether a text gives away who the lead is: a part of the name, an address, a number."""
    said = text.casefold()
    names = [part for part in (name or "").casefold().replace(",", " ").split() if len(part.strip(".")) > 2]
    digits, dialled = "".join(filter(str.isdigit, said)), "".join(filter(str.isdigit, phone or ""))
    box = (email or "").casefold().split("@")[0]
    known = [*names, box] if len(box) > 2 else names
    return "@" in said or any(part in said for part in known) or bool(dialled and dialled[-6:] in digits)


def lock_screen(account: str | None, did: str | None, campaign: str, by: str, *, hot: bool, late: bool = False) -> str:
    """What a phone shows: what to do by when. Never a lead's name, phone or e-mail."""
    who = outside(account, 80) if account else "A new lead"
    what = f"{who} {outside(did[0].lower() + did[1:], 120)}" if did else f"{who}, {outside(campaign, 60)}"
    if late:
        return f"{what}. Waiting for your answer since {by}."
    return f"{what}. Please answer {'now, ' if hot else ''}by {by}."


def please_answer(by: str, *, hot: bool, late: bool = False) -> str:
    if late:
        return f"Waiting for your answer since *{by}*"
    return f"Hot: please answer by *{by}*" if hot else f"Please answer by *{by}*"


def score(title: str, points: int, reasons: Sequence[str]) -> str:
    return f"*{title} {points}:* {', '.join(escape(r) for r in reasons)}" if reasons else f"*{title} {points}*"


def fast_track(reasons: Sequence[str]) -> str:
    return f"*Fast track:* {', '.join(escape(r) for r in reasons)}"


def agreed_to(call: bool | None, email: bool | None, *, do_not_contact: bool = False) -> str | None:
    """What they agreed to; nothing where nobody asked them."""
    if do_not_contact:
        return "*Asked not to be contacted*"
    if call is None and email is None:
        return None
    agreed = [word for word, yes in (("call", call), ("e-mail", email)) if yes]
    return f"Agreed to: {', '.join(agreed)}" if agreed else "Agreed to neither call nor e-mail"


def campaign(name: str, owner: str | None) -> str:
    told = outside(name, 80)
    return f"{told}, by {outside(first_name(owner), 40)}, marketing" if owner else told


def more_here(total: int, mine: int, others: Sequence[str]) -> str | None:
    if not total:
        return None
    told = counted(total, "more open lead here", "more open leads here")
    if mine == total:
        return f"{told}, yours"
    whose = ["you"] if mine else []
    whose += [first_name(other) for other in others]
    return f"{told}, with {escape(listed(whose))}" if whose else told


def why_you(route: Sequence[Mapping[str, Any]], names: Mapping[int, str], reader_id: int, account: str | None) -> str:
    """The steps of a route in words: "Germany → DACH; Jonas is away until 3 December; next in turn: Dana"."""
    told = [_step(step, names, reader_id, account) for step in route]
    return "; ".join(words for words in told if words)


def _step(step: Mapping[str, Any], names: Mapping[int, str], reader_id: int, account: str | None) -> str:
    who = escape(first_name(names.get(step.get("person", 0), "somebody")))
    you = step.get("person") == reader_id
    match step["code"]:
        case "account_owner":
            return f"{outside(account or 'this', 80)} is {'your' if you else who + '’s'} account"
        case "territory":
            return f"{outside(step['country'], 60)} → {escape(step['territory'])}"
        case "pool":
            return escape(step["pool"])
        case "away":
            return f"{who} is away until {on_date(datetime.fromisoformat(step['until']).date())}"
        case "backup":
            return "you are the backup" if you else f"{who} is the backup"
        case "full":
            return f"{who} has enough for now"
        case "gave_back":
            return f"{who} gave it back" if not you else ""
        case "off_shift":
            return f"{who} is off shift"
        case "next_in_turn":
            return "you are next in turn" if you else f"next in turn: {who}"
        case "fallback":
            return "nobody else fits" if you else f"nobody else fits, so {who}"
    return ""


def yours_since(at: str, by: str) -> str:
    return f"✓ Yours since {at}\nFirst contact by *{by}*"


def accepted_for_you(who: str, at: str, by: str) -> str:
    return f"✓ Yours since {at}, accepted for you by {escape(first_name(who))}\nFirst contact by *{by}*"


def undo(until: str) -> str:
    return f"Undo until {until}"


def sent_back(reason: str, sentence: str | None) -> str:
    told = f"✓ Sent back: {escape(reason)}"
    return f"{told}\n> {outside(sentence, 300)}" if sentence else told


def goes_on(now_with: str | None, returns_on: date | None, *, awaits_data: bool) -> str:
    if now_with:
        return f"{escape(first_name(now_with))} has it now."
    if returns_on:
        return f"It returns on {on_date(returns_on)}."
    if awaits_data:
        return "Marketing is asked for the right data."
    return "Marketing sees it with the reason."


def withdrawn(why: str | None, now_with: str | None) -> str:
    if why == "do_not_contact":
        return "They asked not to be contacted. Nothing to do for you."
    if why == "taken_back" and now_with:
        return f"{escape(first_name(now_with))} took it back. Nothing to do for you."
    return "This lead is with somebody else now. Nothing to do for you."


def line(what: str, campaign_name: str, owner: str | None, state: str, *, hot: bool) -> str:
    about = f"*{outside(what, 80)}* ({outside(campaign_name, 60)})"
    return f"{'Hot: ' if hot else ''}{about} → {escape(first_name(owner or 'nobody yet'))}{state}"


def line_state(answer: str | None, reason: str | None, returns_on: date | None) -> str:
    match answer:
        case "accepted":
            return " ✓ accepted"
        case "rejected" if returns_on:
            return f", returns on {on_date(returns_on)}"
        case "rejected":
            return f", came back: {escape(reason or '')}"
        case "withdrawn":
            return ", taken back"
    return ""


def day_line(day: date, total: int, alone: int, waiting: int, accepted: int, back: int) -> str:
    told = [counted(accepted, "accepted", "accepted"), f"{waiting} waiting for an answer", f"{back} came back"]
    more = "more " if alone else ""
    return f"*{counted(total, f'{more}lead', f'{more}leads')} on {on_date(day)}:* {', '.join(told)}"


def mine_title(total: int) -> str:
    return f"*{counted(total, 'open lead', 'open leads')}, the most urgent first*"


def mine_line(title: str, due: str, *, accepted: bool, late: bool) -> str:
    since = "Waiting since " if late else ""
    return f"*{since}{due}* {'First contact' if accepted else 'Answer'}: {outside(title, 160)}"


def qualified_line(title: str) -> str:
    return f"*Qualified:* {outside(title, 160)}"


def and_more(number: int) -> str:
    return f"and {number} more: the Home tab shows them all"


# -- the reject form ----------------------------------------

REJECT_TITLE, REJECT_SUBMIT, REJECT_ASK = "Send this lead back", "Send back", "Why does it come back?"
SENTENCE_LABEL, SENTENCE_HINT = "In a sentence", "Marketing reads this. No patient data, please."
DATE_LABEL = "When should it return?"
SENTENCE_TOO_LONG = "Please keep it under 1,000 characters."
SENTENCE_MISSING = "Please say in a sentence why, so that marketing can learn from it."
DATE_IN_THE_PAST = "Please choose a day after today."
DATE_TOO_FAR = "Please choose a day within two years."
REASON_MISSING = "Please choose a reason."


# -- marketing is asked for data ----------------------------------------


def data_lock_screen(campaign_name: str) -> str:
    return f"A lead lacks the right phone and e-mail ({outside(campaign_name, 60)}). Please complete it."


def data_needed(title: str, who: str, reason: str) -> str:
    return f"*{outside(title, 160)}* came back from {escape(first_name(who))}: {escape(reason)}"


def data_known(phone: str | None, email: str | None) -> str:
    return f"Phone: {outside(phone or 'none', 60)} · E-mail: {outside(email or 'none', 254)}"


def data_how(identity: str | None, campaign_name: str) -> str:
    """Where to mend it: the source keeps the lead under a name of its own."""
    where = f" as *{outside(identity, 120)}*" if identity else ""
    origin = outside(campaign_name, 60)
    return f"Correct it where it came from ({origin}) and send it again{where}: it then goes out by itself."


DATA_DONE = "✓ Completed, and on its way again. Nothing to do."


# -- kind answers to taps that cannot be ----------------------------------------


def not_yours(owner: str) -> str:
    return f"This lead was offered to {escape(owner)}, so only they or their manager can answer it."


def too_late(answer: str, by: str | None, at: str | None, now_with: str | None, *, mine: bool) -> str:
    who = "You" if mine else escape(first_name(by or "Somebody"))
    when = f" at {at}" if at else ""
    match answer:
        case "accepted":
            return f"{who} accepted this lead{when}. All is well, nothing more to do."
        case "rejected":
            return f"{who} sent this lead back{when}. All is well, nothing more to do."
        case "pending":
            return "This was taken back already; you can answer again."
    return f"This lead is with {escape(now_with)} now." if now_with else "This lead was taken back."


UNDO_OVER = "The time to undo is over. Please talk to your manager, who can help."
NOT_TO_BE_CONTACTED = "They asked meanwhile not to be contacted, so this stays as it is."
NO_SUCH_OFFER = "This lead is not here any more."


def already_taken(by: str) -> str:
    return f"{escape(by)} has answered this lead meanwhile, so it can't be taken back."
