"""The manifest of the Slack app: what Tandem needs of a workspace, no more, and why.

One is printed for Socket Mode, or for HTTP with a public address. `manifest.json` in the repository is the HTTP one
with an address to replace.
"""

from typing import Any

from config.settings import Commands

Json = dict[str, Any]
EXAMPLE_URL = "https://tandem.example.com"
SCOPES = {
    "channels:history": "to look whether a line already stands in a public channel before it is posted again",
    "channels:read": "to find the channel named in the policy",
    "chat:write": "to post cards, lines and answers",
    "commands": "slash commands and shortcuts",
    "files:write": "to bring exports, the council's pictures and workbook into Slack, and to remove them again",
    "groups:history": "the same look, in a private channel",
    "groups:read": "to find a private channel named in the policy",
    "im:history": "the same look, in direct messages; and to hear who writes to Tandem",
    "im:write": "to open the direct message before a card is posted to it",
    "users:read": "names and time zones of the people in your list",
    "users:read.email": "to match your list of people with members of the workspace",
}
EVENTS = ("app_home_opened", "message.im")


def manifest(commands: Commands, url: str | None = None) -> Json:
    """The manifest for HTTP at a public address, or, without one, for Socket Mode."""
    request_url = f"{url.rstrip('/')}/slack/events" if url else None
    address = {"request_url": request_url} if request_url else {}
    return {
        "display_information": {
            "name": "Tandem",
            "description": "Sales and marketing as one: leads, promises, field feedback",
            "background_color": "#1f3a5f",
        },
        "features": {
            "bot_user": {"display_name": "Tandem", "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "shortcuts": [
                {
                    "name": "My leads",
                    "type": "global",
                    "callback_id": "lead_mine",
                    "description": "Your open leads, the most urgent first",
                },
                {
                    "name": "New lead",
                    "type": "global",
                    "callback_id": "lead_new",
                    "description": "Add somebody you met",
                },
                {
                    "name": "Field feedback",
                    "type": "global",
                    "callback_id": "field_feedback",
                    "description": "Report what you heard or saw",
                },
                {
                    "name": "Objection",
                    "type": "global",
                    "callback_id": "field_objection",
                    "description": "Report what they said against it",
                },
                {
                    "name": "Save as field feedback",
                    "type": "message",
                    "callback_id": "field_message",
                    "description": "Report what this message says",
                },
                {
                    "name": "Add to agenda",
                    "type": "message",
                    "callback_id": "council_message",
                    "description": "Let the council talk about this message",
                },
                {
                    "name": "Show the facts",
                    "type": "message",
                    "callback_id": "council_facts",
                    "description": "Post neutral figures into this thread",
                },
            ],
            "slash_commands": [
                _command(commands.lead, "Your leads", "mine | new | find TEXT | show ID | help", request_url),
                _command(commands.sla, "What you and your team owe", "mine | team | board | help", request_url),
                _command(
                    commands.field,
                    "Report what you heard or saw",
                    "TEXT | mine | inbox | search TEXT | help",
                    request_url,
                ),
                _command(
                    commands.council,
                    "Digest, agenda and decisions",
                    "preview | digest WEEK | decide | decisions | agenda | help",
                    request_url,
                ),
                _command(commands.objection, "Report an objection", "TEXT | search TEXT | help", request_url),
                _command(
                    commands.tandem, "What Tandem can do", "help | quiet 2h | out 2026-12-01..2026-12-05", request_url
                ),
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**address, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **address},
            "org_deploy_enabled": False,
            "socket_mode_enabled": request_url is None,
            "token_rotation_enabled": False,
        },
    }


def _command(name: str, description: str, usage_hint: str, request_url: str | None) -> Json:
    told: Json = {"command": name, "description": description, "usage_hint": usage_hint, "should_escape": False}
    return {**told, "url": request_url} if request_url else told
