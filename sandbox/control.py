"""The control API: act as a person, look over their shoulder, script faults."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.delivery import Reply
from sandbox.errors import SlackError
from sandbox.persons import Person
from sandbox.slack import Sandbox

Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Response]]


def routes(sandbox: Sandbox) -> list[Route]:
    async def set_up(request: Request) -> Json:
        sandbox.set_up(await request.json())
        return {"base_url": sandbox.base_url}

    async def faults(request: Request) -> Json:
        asked = await request.json()
        sandbox.faults.set(asked["scripts"], asked.get("seed", 0))
        return {}

    async def command(request: Request) -> Json:
        asked = await request.json()
        person = Person(sandbox, asked["user"])
        return _told(await person.command(asked["command"], asked.get("text", ""), asked.get("channel")))

    async def shortcut(request: Request) -> Json:
        asked = await request.json()
        person = Person(sandbox, asked["user"])
        return _told(await person.shortcut(asked["callback_id"], asked.get("channel"), asked.get("ts")))

    async def tap(request: Request) -> Json:
        asked = await request.json()
        person, chosen = Person(sandbox, asked["user"]), asked.get("chosen", {})
        which = (asked["action_id"], asked.get("block_id"))
        if "ts" in asked:
            return _told(await person.tap(asked["channel"], asked["ts"], *which, **chosen))
        return _told(await person.tap_in_view(*which, **chosen))

    async def submit(request: Request) -> Json:
        asked = await request.json()
        return _told(await Person(sandbox, asked["user"]).submit(asked["values"]))

    async def suggestions(request: Request) -> Json:
        asked = await request.json()
        return {"options": await Person(sandbox, asked["user"]).suggestions(asked["action_id"], asked["typed"])}

    async def close(request: Request) -> Json:
        told = await request.json()
        await Person(sandbox, told["user"]).close(all_of_them=not told.get("top"))
        return {}

    async def say(request: Request) -> Json:
        asked = await request.json()
        return _told(
            await Person(sandbox, asked["user"]).say(asked["text"], asked.get("channel"), asked.get("thread_ts"))
        )

    async def home(request: Request) -> Json:
        return _told(await Person(sandbox, (await request.json())["user"]).open_home())

    async def clock(request: Request) -> Json:
        """Turn the clock on to an instant; it never goes back."""
        sandbox.turn_to(datetime.fromisoformat((await request.json())["to"]).timestamp())
        return {"at": sandbox.time.now()}

    async def again(_request: Request) -> Json:
        return _told(await sandbox.delivery.again())

    async def raw(request: Request) -> Json:
        """A request with whatever body and headers, to try the app's defences."""
        asked = await request.json()
        return _told(await sandbox.delivery.send(asked["body"].encode(), asked["kind"], asked.get("headers")))

    async def sees(request: Request) -> Json:
        sandbox.time.pump()  # what is due by the clock has happened when somebody looks
        person = Person(sandbox, request.query_params["user"])
        modal, home = person.modal(), sandbox.workspace.homes.get(person.user.id)
        return {
            "messages": person.sees(request.query_params.get("channel")),
            "modal": {**modal.payload, "errors": modal.errors, "id": modal.id} if modal else None,
            "home": home.payload if home else None,
        }

    async def notifications(request: Request) -> Json:
        user = request.query_params.get("user")
        return {"notifications": [asdict(n) for n in sandbox.workspace.notifications if user in (None, n.user)]}

    async def messages(_request: Request) -> Json:
        """Every message that stands anywhere, for counting what was lost or doubled."""
        every = [m for channel in sandbox.workspace.messages.values() for m in channel]
        bot = sandbox.workspace.bot_user
        return {
            "messages": [
                {**m.as_slack(bot), "channel": m.channel, "edits": m.edits, "ephemeral": bool(m.ephemeral_to)}
                for m in every
            ]
        }

    endpoints: dict[str, tuple[str, Callable[[Request], Awaitable[Json]]]] = {
        "/set_up": ("POST", set_up),
        "/faults": ("POST", faults),
        "/command": ("POST", command),
        "/shortcut": ("POST", shortcut),
        "/tap": ("POST", tap),
        "/submit": ("POST", submit),
        "/suggestions": ("POST", suggestions),
        "/close": ("POST", close),
        "/say": ("POST", say),
        "/home": ("POST", home),
        "/clock": ("POST", clock),
        "/again": ("POST", again),
        "/raw": ("POST", raw),
        "/sees": ("GET", sees),
        "/notifications": ("GET", notifications),
        "/messages": ("GET", messages),
    }
    return [Route(path, _answered(do), methods=[verb]) for path, (verb, do) in endpoints.items()]


def _answered(do: Callable[[Request], Awaitable[Json]]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            return JSONResponse(await do(request))
        except SlackError as error:
            return JSONResponse({"error": error.code, **error.more}, 409)

    return endpoint


def _told(reply: Reply | None) -> Json:
    if reply is None:
        return {}
    return {"status": reply.status, "body": reply.body, "seconds": reply.seconds}
