"""Find leads by words: names, companies, domains, e-mails, numbers. Accents and case do not matter, beginnings do.

A searcher sees the leads they may open; of the others only with whom they are.
"""

import re
import unicodedata

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select
from sqlalchemy.orm import Session

from bot.leads import access, tables
from bot.leads.intake import cleaned
from bot.leads.tables import Account, AccountKey, AccountWord, Contact, ContactWord, Lead, LeadIdentity
from bot.leads.views import Found, mine_of
from bot.people import service as people
from bot.people.tables import Person
from bot.store import append, at_end

BETWEEN_WORDS = re.compile(r"[\W_]+")
MOST_WORDS, MOST_ASKED, LONGEST, AT_ONCE = 20, 5, 60, 8
# Letters that do not come apart into a plain one and an accent.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
LAST = "\U0010ffff"


def words(*texts: str | None) -> list[str]:
    """Words to find something by: without accents and case, at least two characters, each once."""
    plain = unicodedata.normalize("NFKD", " ".join(filter(None, texts)).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c)).translate(PLAIN)
    found = (word[:LONGEST] for word in BETWEEN_WORDS.split(bare) if len(word) > 1)
    return list(dict.fromkeys(found))


def index_contact(session: Session, contact: Contact) -> None:
    """Make a contact findable by what is known of it at the end of this unit of work."""

    def write() -> None:
        session.execute(delete(ContactWord).where(ContactWord.contact_id == contact.id))
        for word in words(contact.name, contact.email)[:MOST_WORDS]:
            append(session, ContactWord, word=word, contact_id=contact.id)

    at_end(session, ("contact words", contact.id), write)


def index_account(session: Session, account: Account) -> None:
    """Make an account findable by its names and domains at the end of this unit of work."""

    def write() -> None:
        session.execute(delete(AccountWord).where(AccountWord.account_id == account.id))
        keys = session.scalars(select(AccountKey.key).where(AccountKey.account_id == account.id))
        for word in words(account.name, account.domain, *keys)[:MOST_WORDS]:
            append(session, AccountWord, word=word, account_id=account.id)

    at_end(session, ("account words", account.id), write)


def find(session: Session, text: str, person: Person) -> Found:
    """Leads in which every word of `text` begins a word, the newest first."""
    matches, openable = _matching(cleaned(text)), access.openable(session, person)
    total = session.scalar(select(func.count(Lead.id)).where(matches, openable)) or 0
    found = session.scalars(select(Lead.id).where(matches, openable).order_by(Lead.id.desc()).limit(AT_ONCE)).all()
    rows = {row.lead_id: row for row in session.execute(tables.in_list(list(found)))}
    others = session.execute(
        select(Lead.owner_id, func.count()).where(matches, not_(openable)).group_by(Lead.owner_id)
    ).all()
    names = people.names(session, [holder for holder, _ in others if holder])
    told = sorted((names.get(holder or 0, ""), count) for holder, count in others)
    return Found(tuple(mine_of(rows[lead_id]) for lead_id in found), total - len(found), tuple(told))


def _matching(text: str) -> ColumnElement[bool]:
    asked = words(text)[:MOST_ASKED]
    named = LeadIdentity.external_id == text.strip()
    known_as = Lead.id.in_(select(LeadIdentity.lead_id).where(named))
    return or_(known_as, and_(*(_has(word) for word in asked))) if asked else known_as


def _has(word: str) -> ColumnElement[bool]:
    of_contact = select(ContactWord.contact_id).where(ContactWord.word >= word, ContactWord.word < word + LAST)
    of_account = select(AccountWord.account_id).where(AccountWord.word >= word, AccountWord.word < word + LAST)
    return or_(Lead.contact_id.in_(of_contact), Lead.account_id.in_(of_account))
