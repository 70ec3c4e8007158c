"""Act as a person in the workspace: type, tap, fill and submit; and see what this person sees."""

import secrets
from typing import TYPE_CHECKING, Any

from sandbox.delivery import Reply
from sandbox.errors import SlackError
from sandbox.inputs import KEYS, action_of, find, held, problems, state_of
from sandbox.state import File, Message, View
from sandbox.web_api import checked, push_view, replace_view

if TYPE_CHECKING:
    from sandbox.slack import Sandbox

Json = dict[str, Any]
DID_NOT_RESPOND = "{what} failed because the app did not respond."
NO_CONNECTION = "We had some trouble connecting. Try again?"


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

    async def tap(self, channel: str, ts: str, action_id: str, block_id: str | None = None, /, **chosen: Any) -> Reply:
        """Use an element of a message; `chosen` says what was chosen in it, such as `selected_option="a"`.

        A phone may still show an earlier version of the message: what stood in one can be tapped on as well.
        """
        message = next((m for m in self.space.visible_to(self.user.id, channel) if m.ts == ts), None)
        if message is None:
            raise SlackError("message_not_found")
        shown = [block for blocks in (message.blocks, *reversed(message.earlier)) for block in blocks]
        block, element = find(shown, action_id, block_id)
        action = action_of(block, element, chosen, self.sandbox.time.now())
        values = message.values.setdefault(self.user.id, {})
        _remember(values, action)
        reply = await self.sandbox.delivery.payload(
            {
                **self._who("block_actions"),
                "container": {
                    "type": "message",
                    "message_ts": ts,
                    "channel_id": channel,
                    "is_ephemeral": message.ephemeral_to is not None,
                    **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
                },
                "channel": {"id": channel, "name": self.space.channel(channel).name},
                "message": message.as_slack(self.space.bot_user),
                "state": {"values": state_of(message.blocks, values)},
                "response_url": self.sandbox.new_response_url(self.user.id, channel, ts),
                "actions": [action],
            }
        )
        if not reply.acknowledged:
            self._not_answered(channel, "This")
        return reply

    async def tap_in_view(self, action_id: str, block_id: str | None = None, /, **chosen: Any) -> Reply:
        """Use an element of the modal on top (or of the home tab when none is open)."""
        view = self._view()
        block, element = find(view.payload["blocks"], action_id, block_id)
        action = action_of(block, element, chosen, self.sandbox.time.now())
        _remember(view.values, action)
        payload = {
            **self._who("block_actions"),
            "container": {"type": "view", "view_id": view.id},
            "view": self._as_slack(view),
            "actions": [action],
        }
        reply = await self.sandbox.delivery.payload(payload)
        view.errors = {} if reply.acknowledged else {"": NO_CONNECTION}
        return reply

    def fill(self, action_id: str, given: Any, block_id: str | None = None) -> None:
        """Type or choose something in the modal on top, without submitting it."""
        view = self._view()
        block, element = find(view.payload["blocks"], action_id, block_id)
        view.values.setdefault(block["block_id"], {})[action_id] = held(element, given)

    async def suggestions(self, action_id: str, typed: str) -> list[Json]:
        """Ask the app for the options of an external select of the modal on top."""
        view = self._view()
        block, _ = find(view.payload["blocks"], action_id)
        payload = {
            **self._who("block_suggestion"),
            "container": {"type": "view", "view_id": view.id},
            "view": self._as_slack(view),
            "action_id": action_id,
            "block_id": block["block_id"],
            "value": typed,
        }
        reply = await self.sandbox.delivery.payload(payload)
        body = reply.body if reply.acknowledged and isinstance(reply.body, dict) else {}
        groups = body.get("option_groups") or [body]
        return [option for group in groups for option in group.get("options", [])]

    async def submit(self, values: Json) -> Reply:
        """Fill the modal on top and submit it. `values` maps an action id to its text, option value, or date."""
        view = self._view()
        for block in view.payload["blocks"]:
            if block["type"] == "input" and values.get(block["element"]["action_id"]) is not None:
                action_id = block["element"]["action_id"]
                view.values.setdefault(block["block_id"], {})[action_id] = held(block["element"], values[action_id])
        if objections := problems(view.payload["blocks"], view.values):  # Slack's own check; the app is not asked
            view.errors = objections
            self.sandbox.changed()
            return Reply(200, {"response_action": "errors", "errors": view.errors}, 0.0)
        return await self._submitted(view)

    async def _submitted(self, view: View) -> Reply:
        payload = {
            **self._who("view_submission"),
            "view": self._as_slack(view),
            "response_urls": [],
        }
        reply = await self.sandbox.delivery.payload(payload)
        if reply.acknowledged:
            self._after_submission(view, reply.body if isinstance(reply.body, dict) else {})
        else:
            view.errors = {"": NO_CONNECTION}
        self.sandbox.changed()
        return reply

    async def close(self, *, all_of_them: bool = True) -> None:
        """Cancel the modal on top, or all of them; an app that asked to know is told."""
        stack = self.space.stacks[self.user.id]
        closed = list(reversed(stack)) if all_of_them else stack[-1:]
        for view in closed:
            stack.remove(view)
        self.sandbox.changed()
        for view in closed:
            if view.payload.get("notify_on_close"):
                told = {**self._who("view_closed"), "view": self._as_slack(view), "is_cleared": all_of_them}
                await self.sandbox.delivery.payload(told)

    def upload(self, name: str, content: bytes) -> File:
        """Put a file of one's own into the workspace, such as one chosen in a form."""
        file = File("F" + secrets.token_hex(5).upper(), name, len(content), content, completed=True)
        self.space.files[file.id] = file
        return file

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

    async def say(self, text: str, channel: str | None = None, thread_ts: str | None = None) -> Reply | None:
        """Write a message; the app hears of one in its direct messages when it listens to `message.im`.

        As Slack's own client does, it sends `& < >` as entities: what one types is text, whatever it looks like.
        """
        place = self._place(channel)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        now = self.sandbox.time.now()
        message = Message(place, self.space.new_ts(now), self.user.id, text, thread_ts=thread_ts)
        self.space.post(message, now)
        self.sandbox.changed()
        if "message.im" not in self.space.events or not self.space.channel(place).is_im:
            return None
        told = {"type": "message", "channel": place, "channel_type": "im", "user": self.user.id, "text": text}
        if thread_ts:
            told["thread_ts"] = thread_ts
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

    def _view(self) -> View:
        view = self.modal() or self.space.homes.get(self.user.id)
        if view is None:
            raise SlackError("view_not_found")
        return view

    def _as_slack(self, view: View) -> Json:
        return view.as_slack(self.space.team, self.space.bot_user)

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


def _remember(values: Json, action: Json) -> None:
    """What was chosen stands in the state from now on; buttons and menus hold nothing."""
    if action["type"] in KEYS:
        kept = {k: v for k, v in action.items() if k not in ("block_id", "action_id", "action_ts")}
        values.setdefault(action["block_id"], {})[action["action_id"]] = kept
