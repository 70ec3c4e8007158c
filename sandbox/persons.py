"""Act as a person in the workspace: type, tap, fill and submit; and see what this person sees."""

from typing import TYPE_CHECKING, Any

from sandbox.delivery import Reply
from sandbox.state import Message, SlackError, View
from sandbox.web_api import checked, push_view, replace_view

if TYPE_CHECKING:
    from sandbox.slack import Sandbox

Json = dict[str, Any]
DID_NOT_RESPOND = "{what} failed because the app did not respond."


class Person:
    def __init__(self, sandbox: "Sandbox", user: str) -> None:
        self.sandbox = sandbox
        self.space = sandbox.workspace
        self.user = self.space.user(user)

    # -- doing ---------------------------------------------------------------------------------------------------

    async def command(self, command: str, text: str = "", channel: str | None = None) -> Reply:
        if command not in self.space.commands:
            raise SlackError("invalid_command")
        place = self._place(channel)
        reply = await self.sandbox.delivery.form(
            {
                "token": "sandbox",
                "team_id": self.user.team_id or self.space.team,
                "team_domain": self.space.domain,
                "channel_id": place,
                "channel_name": self.space.channel(place).name,
                "user_id": self.user.id,
                "user_name": self.user.name,
                "command": command,
                "text": text,
                "api_app_id": "A0SANDBOX",
                "is_enterprise_install": "false",
                "response_url": self.sandbox.new_response_url(self.user.id, place),
                "trigger_id": self.sandbox.new_trigger(self.user.id),
            }
        )
        if not reply.acknowledged:
            self._not_answered(place, command)
        elif isinstance(reply.body, dict) and reply.body:
            self.sandbox.answer_in(place, self.user.id, reply.body)
        elif reply.body:
            self.sandbox.whisper(place, self.user.id, str(reply.body), [])
        return reply

    async def tap(self, channel: str, ts: str, action_id: str, **chosen: Any) -> Reply:
        """Tap an element of a message; `chosen` overrides what the element itself sends, such as `selected_option`."""
        message = next((m for m in self.space.visible_to(self.user.id, channel) if m.ts == ts), None)
        if message is None:
            raise SlackError("message_not_found")
        shown = [block for blocks in (message.blocks, *reversed(message.earlier)) for block in blocks]
        action = self._action(shown, action_id, chosen)
        reply = await self.sandbox.delivery.payload(
            {
                **self._who("block_actions"),
                "container": {
                    "type": "message",
                    "message_ts": ts,
                    "channel_id": channel,
                    "is_ephemeral": message.ephemeral_to is not None,
                },
                "channel": {"id": channel, "name": self.space.channel(channel).name},
                "message": message.as_slack(self.space.bot_user),
                "state": {"values": {}},
                "response_url": self.sandbox.new_response_url(self.user.id, channel, ts),
                "actions": [action],
            }
        )
        if not reply.acknowledged:
            self._not_answered(channel, "This")
        return reply

    async def tap_in_view(self, action_id: str, **chosen: Any) -> Reply:
        """Use an element of the modal on top (or of the home tab when none is open)."""
        view = self.modal() or self.space.homes.get(self.user.id)
        if view is None:
            raise SlackError("view_not_found")
        action = self._action(view.payload["blocks"], action_id, chosen)
        view.values.setdefault(action["block_id"], {})[action_id] = {
            k: v for k, v in action.items() if k not in ("block_id", "action_id", "action_ts")
        }
        payload = {
            **self._who("block_actions"),
            "container": {"type": "view", "view_id": view.id},
            "view": view.as_slack(self.space.team, self.space.bot_user),
            "actions": [action],
        }
        return await self.sandbox.delivery.payload(payload)

    async def submit(self, values: Json) -> Reply:
        """Fill the modal on top and submit it. `values` maps an action id to its text, option value, or date."""
        view = self.modal()
        if view is None:
            raise SlackError("view_not_found")
        for block in view.payload["blocks"]:
            if block["type"] == "input":
                self._fill(view, block, values)
        missing = [b["block_id"] for b in view.payload["blocks"] if _required(b) and not _filled(view, b)]
        if missing:  # Slack's own check; the app is not asked
            view.errors = dict.fromkeys(missing, "Please complete this required field.")
            return Reply(200, {"response_action": "errors", "errors": view.errors}, 0.0)
        return await self._submitted(view)

    async def _submitted(self, view: View) -> Reply:
        payload = {
            **self._who("view_submission"),
            "view": view.as_slack(self.space.team, self.space.bot_user),
            "response_urls": [],
        }
        reply = await self.sandbox.delivery.payload(payload)
        if reply.acknowledged:
            self._after_submission(view, reply.body if isinstance(reply.body, dict) else {})
        else:
            view.errors = {"": "We had some trouble connecting. Try again?"}
        return reply

    def close(self) -> None:
        self.space.stacks[self.user.id] = []

    async def shortcut(self, callback_id: str, channel: str | None = None, ts: str | None = None) -> Reply:
        """Use a shortcut of the app: a global one, or, with a message, one of that message."""
        if callback_id not in self.space.shortcuts:
            raise SlackError("invalid_shortcut")
        payload = {**self._who("shortcut"), "callback_id": callback_id, "action_ts": f"{self.sandbox.time.now():.6f}"}
        if channel and ts:
            message = next((m for m in self.space.visible_to(self.user.id, channel) if m.ts == ts), None)
            if message is None:
                raise SlackError("message_not_found")
            payload |= {
                "type": "message_action",
                "message_ts": ts,
                "channel": {"id": channel, "name": self.space.channel(channel).name},
                "message": message.as_slack(self.space.bot_user),
                "response_url": self.sandbox.new_response_url(self.user.id, channel),
            }
        return await self.sandbox.delivery.payload(payload)

    async def say(self, text: str, channel: str | None = None) -> Reply | None:
        """Write a message; the app hears of one in its direct messages when it listens to `message.im`."""
        place = self._place(channel)
        now = self.sandbox.time.now()
        message = Message(place, self.space.new_ts(now), self.user.id, text)
        self.space.post(message, now)
        if "message.im" not in self.space.events or not self.space.channel(place).is_im:
            return None
        told = {"type": "message", "channel": place, "channel_type": "im", "user": self.user.id, "text": text}
        return await self.sandbox.delivery.event({**told, "ts": message.ts, "event_ts": message.ts})

    async def open_home(self) -> Reply | None:
        if "app_home_opened" not in self.space.events:
            return None
        place = self.space.im_with(self.user.id).id
        opened = {"type": "app_home_opened", "user": self.user.id, "channel": place, "tab": "home"}
        return await self.sandbox.delivery.event({**opened, "event_ts": self.space.new_ts(self.sandbox.time.now())})

    # -- seeing --------------------------------------------------------------------------------------------------

    def modal(self) -> View | None:
        stack = self.space.stacks[self.user.id]
        return stack[-1] if stack else None

    def sees(self, channel: str | None = None) -> list[Json]:
        place = channel or self.space.im_with(self.user.id).id
        return [
            {**m.as_slack(self.space.bot_user), "ephemeral": m.ephemeral_to is not None, "edits": m.edits}
            for m in self.space.visible_to(self.user.id, place)
        ]

    def _place(self, channel: str | None) -> str:
        place = channel or self.space.im_with(self.user.id).id
        self.space.visible_to(self.user.id, place)
        return place

    # -- parts ---------------------------------------------------------------------------------------------------

    def _who(self, kind: str) -> Json:
        team = self.user.team_id or self.space.team
        return {
            "type": kind,
            "user": {"id": self.user.id, "username": self.user.name, "name": self.user.name, "team_id": team},
            "api_app_id": "A0SANDBOX",
            "token": "sandbox",
            "trigger_id": self.sandbox.new_trigger(self.user.id),
            "team": {"id": self.space.team, "domain": self.space.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _action(self, blocks: list[Json], action_id: str, chosen: Json) -> Json:
        for block in blocks:
            inner = [block["accessory"]] if block.get("accessory") else []
            inner += block.get("elements", []) if block["type"] == "actions" else []
            inner += [block["element"]] if block["type"] == "input" else []
            for element in inner:
                if element.get("action_id") == action_id:
                    sent = {k: element[k] for k in ("type", "action_id", "value") if k in element}
                    block_id = block.get("block_id") or "b"
                    now = f"{self.sandbox.time.now():.6f}"
                    if "selected_option" in chosen and isinstance(chosen["selected_option"], str):
                        chosen = {**chosen, "selected_option": _option(element, chosen["selected_option"])}
                    return {**sent, "block_id": block_id, "action_ts": now, **chosen}
        raise SlackError("no_such_element")

    def _fill(self, view: View, block: Json, values: Json) -> None:
        element = block["element"]
        action_id, kind = element["action_id"], element["type"]
        held = view.values.setdefault(block["block_id"], {})
        given = values.get(action_id)
        if kind in ("radio_buttons", "static_select"):
            initial = element.get("initial_option")
            if given is not None:
                held[action_id] = {"type": kind, "selected_option": _option(element, given)}
            else:
                held.setdefault(action_id, {"type": kind, "selected_option": initial})
        elif kind == "datepicker":
            before = held.get(action_id, {}).get("selected_date") or element.get("initial_date")
            held[action_id] = {"type": kind, "selected_date": given or before}
        else:
            before = held.get(action_id, {}).get("value") or element.get("initial_value")
            held[action_id] = {"type": kind, "value": given if given is not None else before}

    def _after_submission(self, view: View, answer: Json) -> None:
        action = answer.get("response_action")
        stack = self.space.stacks[self.user.id]
        if action == "errors":
            known = {block["block_id"] for block in view.payload["blocks"]}
            unknown = set(answer.get("errors", {})) - known
            if unknown or not answer.get("errors"):
                raise SlackError("invalid_errors", unknown=sorted(unknown))
            view.errors = answer["errors"]
        elif action == "update":
            replace_view(view, checked(answer["view"], "modal"))
        elif action == "push":
            push_view(self.sandbox, self.user.id, checked(answer["view"], "modal"))
        elif action == "clear":
            self.space.stacks[self.user.id] = []
        elif view in stack:
            stack.remove(view)

    def _not_answered(self, channel: str, what: str) -> None:
        self.sandbox.whisper(channel, self.user.id, DID_NOT_RESPOND.format(what=what), [], sender="USLACKBOT")


def _option(element: Json, value: str) -> Json:
    groups = [element, *element.get("option_groups", [])]
    found = next((o for group in groups for o in group.get("options", []) if o["value"] == value), None)
    if found is None:
        raise SlackError("no_such_option")
    told: Json = found
    return told


def _required(block: Json) -> bool:
    return block["type"] == "input" and not block.get("optional", False)


def _filled(view: View, block: Json) -> bool:
    held = view.values.get(block["block_id"], {}).get(block["element"]["action_id"], {})
    return bool(held.get("value") or held.get("selected_option") or held.get("selected_date"))
