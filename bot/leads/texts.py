"""Every sentence about leads that a person reads. Short, plain, kind, specific; never blame."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.wording import counted, escape, first_name, listed, on_date, outside

STEPS = {
    "accepted": "Accept",
    "rejected": "Reject…",
    "reached": "Reached",
    "no_answer": "No answer…",
    "qualified": "Qualified",
    "not_a_fit": "Not a fit…",
    "won": "Won…",
    "lost": "Lost…",
}
HAND_OVER, DETAILS, OPEN, FEEDBACK = "Hand over…", "Details", "Open", "Field feedback…"
NEXT_LEAD, MY_LEADS, ANSWER, UNDO = "Next lead", "My leads", "Answer…", "Undo"
NO_LEADS = "You have no open leads. New ones come here by themselves."


def lead_help(lead: str) -> str:
    """`lead` is the command as it is called in this workspace."""
    return (
        "*What you can do with leads*\n"
        f"`{lead} mine` lists your open leads, the most urgent first\n"
        f"`{lead} new` adds somebody you met\n"
        f"`{lead} find charité` looks for a name, a company or an e-mail\n"
        f"`{lead} show 12` shows one lead by its number\n"
        f"`{lead} help` shows this\n"
        "New leads come as direct messages: *Accept* or *Reject…* with one tap, and *Undo* for five minutes. "
        "Behind ⋯ you ask marketing, hand a lead over, or see what happened so far."
    )


def tandem_help(lead: str, sla: str, field: str, objection: str, tandem: str) -> str:
    return (
        "*Tandem brings you leads and keeps promises between sales and marketing.*\n"
        f"`{lead} mine` your open leads\n"
        f"`{lead} new` adds somebody you met\n"
        f"`{lead} find charité` looks for a lead\n"
        f"`{lead} help` everything you can do with leads\n"
        f"`{sla} mine` what you owe, and by when; `{sla} team`, `{sla} board`\n"
        f"`{field}` report what you heard; `{objection}` what they said against it\n"
        f"`{tandem} export` a workbook (managers), `{tandem} export mine` what is yours\n"
        f"`{tandem} quiet 2h` no messages for a while\n"
        f"`{tandem} out 2026-12-01..2026-12-05 backup @name` you are away\n"
        f"`{tandem} help` shows this; all of it also works as `{tandem} mine`, `{tandem} find …`, `{tandem} sla mine`\n"
        "On a phone: the shortcuts *My leads*, *New lead*, *Field feedback* and *Objection*, and the Home tab."
    )


def direct_message(lead: str, tandem: str) -> str:
    return f"I can't read messages yet, but I know these commands: `{lead} mine`, `{lead} find`, `{tandem} help`."


TOUCHES = {
    "download": "Read {asset}",
    "page": "Looked at {asset}",
    "event": "Came to {asset}",
    "webinar": "Watched {asset}",
    "demo_request": "Asked for a demo of {asset}",
    "quote_request": "Wants a quote for {asset}",
    "form": "Filled in {asset}",
    "email": "Answered {asset}",
    "said": "Said: {asset}",
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
    "said": "Said something",
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


def please_answer(by: str, *, hot: bool, late: bool = False, half: bool = False, holder: str | None = None) -> str:
    """`holder` is named to others, who are not asked themselves; `half` says that half of the time has gone."""
    if holder:
        who = escape(first_name(holder))
        return f"{who}’s answer is waited for since *{by}*" if late else f"{who} is to answer by *{by}*"
    if late:
        return f"Waiting for your answer since *{by}*"
    told = f"Hot: please answer by *{by}*" if hot else f"Please answer by *{by}*"
    return f"{told}, half the time has gone" if half else told


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


def more_here(total: int, mine: int, others: Sequence[str], holder: str | None = None) -> str | None:
    """`mine` are the holder's, who is named to other readers."""
    if not total:
        return None
    told = counted(total, "more open lead here", "more open leads here")
    if mine == total and not holder:
        return f"{told}, yours"
    whose = [holder or "you"] if mine else []
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
            place = escape(step["territory"])
            return f"{outside(step['country'], 60)} → {place}" if step["country"] else place
        case "pool":
            return escape(step["pool"])
        case "away":
            return f"{who} is away until {on_date(datetime.fromisoformat(step['until']).date())}"
        case "backup":
            return "you are the backup" if you else f"{who} is the backup"
        case "full":
            return f"{who} has enough for now"
        case "gave_back":
            return f"{who} had it before" if not you else ""
        case "stands_in":
            return f"{escape(first_name(names.get(step.get('of', 0), 'a colleague')))} is away, you stand in"
        case "contested":
            return "marketing asks you to look again"
        case "off_shift":
            return f"{who} is off shift"
        case "next_in_turn":
            return "you are next in turn" if you else f"next in turn: {who}"
        case "fallback":
            return "nobody else fits" if you else f"nobody else fits, so {who}"
    return ""


def yours_since(
    at: str, by: str | None, accepted_by: str | None, holder: str | None, *, late: bool = False, half: bool = False
) -> str:
    """Since when somebody has it, and by when a first contact is promised; `holder` is named to other readers."""
    whose = f"With {escape(first_name(holder))}" if holder else "Yours"
    for_them = "" if holder else " for you"
    accepted = f", accepted{for_them} by {escape(first_name(accepted_by))}" if accepted_by else ""
    told = f"✓ {whose} since {at}{accepted}"
    if by and late:
        return f"{told}\nFirst contact waited for since *{by}*"
    return f"{told}\nFirst contact by *{by}*{', half the time has gone' if half else ''}" if by else told


TOLD_BELOW = "The newest message about it is further down."


def paused_until(until: str) -> str:
    return f"Paused until *{until}*; it then runs on with the time that is left."


def tried(attempts: int, at: str, again_at: str | None) -> str:
    times = "once" if attempts == 1 else "twice" if attempts == 2 else f"{attempts} times"
    told = f"Tried {times}, {at}: no answer"
    return f"{told}\nTry again *{again_at}*" if again_at else told


def again_lock_screen(about: str) -> str:
    return f"{about}: you wanted to try again now."


def reached(at: str, again: tuple[str, str] | None, *, ask: bool) -> str:
    """`again`: when nobody answered after that, and when to try once more. `ask`: the reader can say what follows."""
    told = f"✓ Reached {at}"
    if again:
        return f"{told}; tried {again[0]}, no answer\nTry again *{again[1]}*"
    return f"{told}\nIs it a real chance?" if ask else told


def qualified(at: str, *, ask: bool) -> str:
    return f"✓ Qualified {at}\nHow did it end?" if ask else f"✓ Qualified {at}"


def won(at: str, value: int | None, currency: str | None) -> str:
    return f"✓ *Won* {at}{': ' + money(value, currency or '') if value else ''}. Well done!"


def lost(at: str, reason: str | None, sentence: str | None) -> str:
    told = f"Lost {at}{': ' + escape(reason) if reason else ''}"
    return f"{told}\n> {outside(sentence, 300)}" if sentence else told


SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£"}


def money(hundredths: int, currency: str) -> str:
    """`€84,000`, `CHF 1,250.50`."""
    whole, rest = divmod(hundredths, 100)
    number = f"{whole:,}.{rest:02d}" if rest else f"{whole:,}"
    return f"{SYMBOLS[currency]}{number}" if currency in SYMBOLS else f"{currency} {number}"


def handed(by: str, to: str | None, sentence: str) -> str:
    """`to` is named to other readers than the one who gets it."""
    whom = escape(first_name(to)) if to else "you"
    return f"*{escape(first_name(by))} hands {whom} this:* “{outside(sentence, 300)}”"


def moved_on(by: str, to: str) -> str:
    return f"{escape(first_name(by))} handed one of your leads to {escape(first_name(to))}. Nothing to do for you."


def given_back(by: str, to: str | None, sentence: str) -> str:
    whom = f" to {escape(first_name(to))}" if to else ""
    return f"*{escape(first_name(by))} gives this back{whom}:* “{outside(sentence, 300)}”"


def handed_lock_screen(by: str, about: str, soon: str) -> str:
    return f"{escape(first_name(by))} passes a lead to you: {outside(about, 80)}. Please answer by {soon}."


def handed_on(to: str | None, sentence: str | None, *, back: bool = False) -> str:
    told = f"✓ {'Given back' if back else 'Handed'} to {escape(first_name(to or 'a colleague'))}"
    return f"{told}\n> {outside(sentence, 300)}" if sentence else told


def asked(by: str | None, of: str, question: str, answer: str | None) -> str:
    """What was asked of marketing (by nobody for the reader's own question) and, once there is one, the answer."""
    name = escape(first_name(of))
    told = f"*{escape(first_name(by)) if by else 'You'} asked {name}:* {outside(question, 300)}"
    return f"{told}\n*{name}:* {outside(answer, 600)}" if answer is not None else f"{told}\n{name} has not answered yet"


def in_crm(url: str) -> str:
    return f"<{escape(url)}|Open in CRM>" if "|" not in url else ""


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
    if why == "closed":
        return "The CRM says how this ended. Nothing to do for you."
    if why == "moved_on":
        whom = escape(first_name(now_with)) if now_with else "a colleague"
        return f"It went to {whom}, past the agreed time. Nothing to do for you."
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


NONE_TAKEN = "You have taken none yet. What waits for your answer stands in the queue."


def taken_title(total: int) -> str:
    return f"{counted(total, 'lead is', 'leads are')} yours"


def mine_title(total: int) -> str:
    return f"*{counted(total, 'open lead', 'open leads')}, the most urgent first*"


WAITS = {
    "answer": "Answer",
    "first_contact": "First contact",
    "try_again": "Try again",
    "qualifying": "Reached",
    "deal": "Qualified",
}


NEXT_STEP, HALF_GONE = "Next step", "Half the time has gone"


def mine_line(title: str, waits: str, due: str | None, *, late: bool, stalls: bool = False) -> str:
    if due and stalls:
        return f"*{'Waiting since ' if late else ''}{due}* {NEXT_STEP}: {outside(title, 160)}"
    if due is None:
        return f"*{WAITS[waits]}:* {outside(title, 160)}"
    since = "Waiting since " if late else ""
    return f"*{since}{due}* {WAITS[waits]}: {outside(title, 160)}"


def and_more(number: int) -> str:
    return f"and {number} more: the Home tab shows them all"


# -- marketing's day ----------------------------------------


def day_lock_screen(since: str, accepted: int, back: int) -> str:
    return f"Your leads since {since}: {accepted} accepted, {back} came back."


def day_good(since: str, accepted: int, made_good: Sequence[tuple[str, int]]) -> str:
    why = ", ".join(f"{escape(text)} ({count})" for text, count in made_good)
    told = f"*Your leads since {since}: {accepted} accepted*"
    return f"{told}\nWhat made them good: {why}" if accepted and why else told


def day_further(qualified: int, won: int, values: Sequence[tuple[str, int]], lost: int) -> str | None:
    worth = " and ".join(money(value, currency) for currency, value in values)
    told = [f"{qualified} qualified" if qualified else "", f"{won} won{f' ({worth})' if worth else ''}" if won else ""]
    told.append(f"{lost} lost" if lost else "")
    return ", ".join(word for word in told if word) or None


def day_back(total: int, back: Sequence[tuple[str, int]]) -> str:
    return f"*{total} came back:* " + ", ".join(f"{escape(reason)} ({count})" for reason, count in back)


# -- finding ----------------------------------------


def find_what(command: str) -> str:
    return f"What are you looking for? For example `{command} find charité`."


def found_title(number: int, text: str) -> str:
    return f"*{counted(number, 'lead', 'leads')} for “{outside(text, 60)}”*"


def found_nothing(text: str) -> str:
    return f"Nothing found for “{outside(text, 60)}”. The beginning of a name, a company or an e-mail is enough."


def found_none_of_yours(text: str) -> str:
    return f"None for “{outside(text, 60)}” that you can open."


def found_others(others: Sequence[tuple[str, int]]) -> str:
    """Of leads one may not open: only with whom they are."""
    told = [f"{number} with {escape(name)}" if name else f"{number} with nobody right now" for name, number in others]
    return f"Others: {listed(told)}"


def no_such_lead(number: str) -> str:
    return f"There is no lead {number}."


def lead_is_with(number: int, holder: str | None) -> str:
    return f"Lead {number} is with {escape(holder)}." if holder else f"Lead {number} is with nobody right now."


def not_offered(number: int) -> str:
    return f"Lead {number} was not offered to anybody yet: it has not passed the gate."


def new_is_with(holder: str | None) -> str:
    if holder is None:
        return "Saved. They asked not to be contacted, so nobody is asked to call."
    return f"✓ Saved. {escape(first_name(holder))} has this lead."


# -- the queue ----------------------------------------

QUEUE_MOVED = "Your queue is further down."


def queue_title(total: int, due: str, *, late: bool) -> str:
    waits = counted(total, "lead waits", "leads wait")
    return f"*{waits} for your answer*, the first {'since' if late else 'by'} *{due}*"


def queue_lock_screen(total: int, due: str, *, late: bool) -> str:
    need = counted(total, "lead needs", "leads need")
    return f"{need} your answer, the first {'since' if late else 'by'} {due}."


def queue_empty(answered_today: int) -> str:
    done = f" {answered_today} answered today." if answered_today else ""
    return f"✓ Nothing waits in your queue.{done}"


def just_done(title: str, answer: str, until: str) -> str:
    done = {"accepted": "yours", "rejected": "sent back", "handed_on": "handed over"}.get(answer, "done")
    return f"✓ {outside(title, 120)}: {done} (undo until {until})"


def and_others(number: int) -> str:
    return f"and {number} more"


def take(number: int) -> str:
    return f"Take {number}"


# -- handing over, asking ----------------------------------------


def ask(owner: str) -> str:
    return f"Ask {first_name(owner)}…"


def give_back(giver: str | None) -> str:
    return f"Give back to {first_name(giver)}…" if giver else "Give back…"


def question(asked_by: str, at: str, lead_title: str, text: str) -> str:
    return f"*{escape(first_name(asked_by))} asks* about {outside(lead_title, 160)}, {at}\n> {outside(text, 1000)}"


def question_lock_screen(asked_by: str, campaign_name: str) -> str:
    return f"{escape(first_name(asked_by))} asks you about a lead of {outside(campaign_name, 60)}."


def answered(by: str, text: str) -> str:
    return f"✓ {escape(first_name(by))} answered: {outside(text, 1000)}"


ANSWERED = "✓ Answered, thank you."


def answer_came(by: str, lead_title: str, question_text: str, text: str) -> str:
    about = f"*{escape(first_name(by))} answers* about {outside(lead_title, 160)}"
    return f"{about}\n> {outside(question_text, 300)}\n{outside(text, 1000)}"


def answer_lock_screen(by: str, campaign_name: str) -> str:
    return f"{escape(first_name(by))} answered your question about a lead of {outside(campaign_name, 60)}."


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


def further_already(step: str | None, by: str | None, at: str | None, *, mine: bool) -> str:
    if step is None:
        return "This lead is not where that step begins; its card shows what can be done now."
    who = "You" if mine else escape(first_name(by or "Somebody"))
    done = DONE_STEPS.get(step, "changed this lead")
    return f"{who} {done}{f' at {at}' if at else ''}. All is well; the card shows what can be done now."


DONE_STEPS = {
    "planned": "planned the next step of this lead",
    "accepted": "accepted this lead",
    "reached": "noted that they were reached",
    "no_answer": "noted that nobody answered",
    "qualified": "qualified this lead",
    "not_a_fit": "sent this lead back",
    "rejected": "sent this lead back",
    "won": "marked this lead as won",
    "lost": "marked this lead as lost",
    "handed_over": "handed this lead over",
    "given_back": "gave this lead back",
}


def cannot_receive(why: str, name: str | None, until: str | None) -> str:
    who = escape(first_name(name or "They"))
    match why:
        case "away":
            return f"{who} is away until {until}. Please choose somebody else."
        case "has_it":
            return f"{who} has this lead already. Please choose somebody else."
        case "does_not_sell":
            return f"{who} does not work on leads. Please choose somebody in sales."
        case "unknown":
            return "I don't have them on my list yet. Please choose somebody else."
        case "gone":
            return f"{who} has left the team. Please hand it to somebody else."
    return "Nobody handed you this lead, so there is nobody to give it back to."


def still_asked(of: str) -> str:
    return f"{escape(first_name(of))} has your question already. The answer comes to this card."


NOBODY_TO_ASK = "Nobody in marketing answers for this lead. An administrator can name somebody in the policy."


def cannot_be_asked(name: str) -> str:
    return (
        f"{escape(first_name(name))} cannot be reached in Slack, so nobody has your question. Please ask them directly."
    )


def answered_before(by: str) -> str:
    return f"{escape(first_name(by))} answered this already. Thank you."


CLOSED = {
    "raw": "Not offered yet",
    "mql": "Not offered yet",
    "won": "Won",
    "lost": "Lost",
    "rejected": "Came back",
    "recycled": "Returns later",
    "disqualified": "Closed",
}


def closed_line(title: str, stage: str) -> str:
    return f"*{CLOSED.get(stage, 'Closed')}:* {outside(title, 160)}"


def not_to_open(holder: str | None) -> str:
    whose = f"This lead is with {escape(holder)}" if holder else "This lead is with nobody right now"
    return f"{whose}. Its holder, their managers and its owner in marketing can open it."


def went_on(now_with: str | None) -> str:
    return f"This lead came again; {escape(first_name(now_with))} has it now." if now_with else "This lead came again."


NOT_FOR_YOU = "That is for the one who was asked."


UNDO_OVER = "The time to undo is over. Please talk to your manager, who can help."
NOT_TO_BE_CONTACTED = "They asked meanwhile not to be contacted, so this stays as it is."
NO_SUCH_OFFER = "This lead is not here any more."


def already_taken(by: str) -> str:
    return f"{escape(by)} has answered this lead meanwhile, so it can't be taken back."
