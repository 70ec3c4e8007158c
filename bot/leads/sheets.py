"""Leads as a sheet of an export."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from bot.exports.sheets import Asked, Column, Kind, Row, Sheet
from bot.journal.service import rules_in_force
from bot.leads.rules import Stage
from bot.leads.tables import Account, Contact, Lead
from bot.people.tables import Person

AT_ONCE = 1000
COLUMNS = (
    Column("Number", Kind.NUMBER, "The lead's own number", 9),
    Column("Came at", Kind.INSTANT, "When it came in", 17),
    Column("Source", Kind.TEXT, "Where it came from", 16),
    Column("Campaign", Kind.TEXT, "The campaign it came by", 20),
    Column("Contact", Kind.TEXT, "The person's name", 24),
    Column("E-mail", Kind.TEXT, "The person's e-mail", 28),
    Column("Account", Kind.TEXT, "The company or hospital", 28),
    Column("City", Kind.TEXT, "Where it comes from", 16),
    Column("Country", Kind.TEXT, "The country it comes from", 14),
    Column("Stage", Kind.TEXT, "raw, mql, sal, sql, won, lost, rejected, recycled, disqualified", 13),
    Column("In stage since", Kind.INSTANT, "When it entered its stage", 17),
    Column("With", Kind.TEXT, "Who holds it now", 20),
    Column("Hot", Kind.TEXT, "Whether it came as a hot lead: yes or no", 7),
    Column("Next step", Kind.LONG, "What its holder plans", 40),
)


def leads() -> Sheet:
    limits = {
        "source": lambda policy: [one.code for one in policy.sources],
        "campaign": None,
        "stage": lambda _policy: [stage.value for stage in Stage],
    }
    return Sheet("Leads", COLUMNS, _count, _rows, counted_by="Stage", limited_by=limits)


def _wanted(asked: Asked) -> ColumnElement[bool]:
    told = [Lead.came_at >= asked.since, Lead.came_at < asked.until]
    if asked.people is not None:
        told.append(Lead.owner_id.in_(asked.people))
    for name, column in (("source", Lead.source), ("campaign", Lead.campaign), ("stage", Lead.stage)):
        if value := asked.filters.get(name):
            told.append(column == value)
    return and_(*told)


def _count(session: Session, asked: Asked) -> int:
    return session.scalar(select(func.count()).select_from(Lead).where(_wanted(asked))) or 0


def _select(asked: Asked) -> Select[Lead, Contact, Account, str | None]:
    found = select(Lead, Contact, Account, Person.name).outerjoin(Contact, Contact.id == Lead.contact_id)
    found = found.outerjoin(Account, Account.id == Lead.account_id).outerjoin(Person, Person.id == Lead.owner_id)
    ordered = found.where(_wanted(asked)).order_by(Lead.came_at, Lead.id)
    return ordered.execution_options(yield_per=AT_ONCE)


def _rows(session: Session, asked: Asked) -> Iterator[Row]:
    policy = rules_in_force(session).policy
    for lead, contact, account, holder in session.execute(_select(asked)):
        yield (
            lead.id,
            lead.came_at,
            policy.source_name(lead.source),
            policy.campaign_name(lead.campaign),
            contact.name if contact else None,
            contact.email if contact else None,
            account.name if account else None,
            lead.city,
            lead.country,
            lead.stage,
            lead.stage_since,
            holder,
            "yes" if lead.hot else "no",
            lead.next_step,
        )
