"""Names, initials and colours of those who write."""

from dataclasses import dataclass
from zlib import crc32

from sandbox.page.mrkdwn import Reading
from sandbox.state import Channel, Workspace

HUES = (12, 40, 95, 150, 190, 215, 250, 285, 320)
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True)
class Writer:
    name: str
    initials: str
    colour: str
    is_app: bool


def writer(space: Workspace, user: str) -> Writer:
    if user == space.bot_user:
        return Writer(space.app_name, space.app_name[:1].upper(), "#1f3a5f", True)
    if user == SLACKBOT:
        return Writer("Slackbot", "S", "#4a154b", True)
    known = space.users.get(user)
    name = known.real_name if known else user
    hue = HUES[crc32(user.encode()) % len(HUES)]
    initials = "".join(part[0] for part in name.split()[:2]).upper() or "?"
    return Writer(name, initials, f"hsl({hue} 45% 32%)", False)


def reading(space: Workspace, user: str, now: float) -> Reading:
    """What `user` knows while they read."""
    people = {u.id: u.real_name for u in space.users.values()} | {space.bot_user: space.app_name}
    channels = {c.id: c.name for c in space.channels.values() if not c.is_im}
    return Reading(space.users[user].tz, now, people, channels, user)


def place_name(space: Workspace, channel: Channel) -> str:
    return space.app_name if channel.is_im else f"#{channel.name}"


def by_team(space: Workspace) -> dict[str, list[tuple[str, str]]]:
    """Everybody one can act as, by the team that their title begins with: id, and name with the rest of the title."""
    found: dict[str, list[tuple[str, str]]] = {}
    for user in space.users.values():
        if user.deleted or user.is_bot:
            continue
        team, _, role = user.title.partition(" · ")
        found.setdefault(team or "Others", []).append((user.id, f"{user.real_name}{f' · {role}' if role else ''}"))
    return found
