"""A local Slack for demos and tests: it speaks Slack's Web API, signs its requests, and enforces Slack's rules.

It knows nothing of the app that talks to it. `python -m sandbox --help` starts one; `sandbox.client` drives it.
"""
