"""A lead's history in words: one short line for each thing that happened."""

from collections.abc import Mapping
from typing import Any

from bot.leads.texts import money
from bot.wording import escape, first_name, outside

PATTERNS = {
    "received": "Came in from {source}",
    "taken_in": "{who} added it",
    "came_again": "Came again",
    "offered": "Offered to {person}",
    "undeliverable": "{person} could not be reached in Slack",
    "withdrawn": "Taken back: they asked not to be contacted",
    "returned": "Returned, as agreed",
    "accepted": "{who} accepted it",
    "rejected": "{who} sent it back{reason}",
    "reached": "{who} reached them",
    "no_answer": "{who} tried, no answer{again}",
    "qualified": "{who} qualified it",
    "not_a_fit": "{who}: not a fit{reason}",
    "won": "{crm}: won{value}{odd}",
    "lost": "{crm}: lost{reason}",
    "handed_over": "{who} handed it over",
    "given_back": "{who} gave it back",
    "planned": "{who} planned what is next",
    "moved_on": "Past the agreed time with {person}: it looks for a colleague",
    "stood_in": "{person} stands in",
    "recycled": "{who} recycled it",
    "disqualified": "{who} disqualified it",
    "contested": "{who} asked sales to look again",
    "undone": "{who} took {what} back",
    "asked": "{who} asked {person}: “{question}”",
    "answered": "{who} answered",
}
STEPS = {
    "accepted": "accepting",
    "rejected": "sending it back",
    "reached": "“reached”",
    "no_answer": "“no answer”",
    "qualified": "“qualified”",
    "not_a_fit": "“not a fit”",
    "won": "“won”",
    "lost": "“lost”",
    "handed_over": "handing it over",
    "given_back": "giving it back",
    "planned": "the plan",
}


def line(verb: str, by: str, facts: Mapping[str, Any]) -> str:
    """`by` is a person's name, empty for what Tandem or a file did."""
    who = escape(first_name(by)) if by else ""
    told = _told(verb, who, facts)
    said = facts.get("sentence") or facts.get("answer") if verb == "answered" else facts.get("sentence")
    return f"{told}: “{outside(said, 300)}”" if said and verb != "undone" else told


def _told(verb: str, who: str, facts: Mapping[str, Any]) -> str:
    reason = f" ({escape(str(facts['reason']))})" if facts.get("reason") else ""
    value = f" {money(facts['value'], facts['currency'])}" if facts.get("value") else ""
    again = f"; again {facts['again']}" if facts.get("again") else ""
    return PATTERNS[verb].format(
        who=who,
        crm=who or "The CRM says",
        person=escape(first_name(str(facts.get("person") or ""))) or "somebody",
        source=escape(str(facts.get("source", "a source"))),
        reason=reason,
        value=value,
        again=again,
        odd=", before it came in here" if facts.get("flag") else "",
        what=STEPS.get(str(facts.get("what")), "the last step"),
        question=outside(str(facts.get("question", "")), 300),
    )
