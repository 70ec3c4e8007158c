"""Leads: intake, score, gate, routing, offers, and the card.

A lead comes in (`intake` says what one may look like, `service.receive` takes it), is judged (`scoring`), routed
(`routing`) and offered (`offers`). What a person sees is made from `views` by `blocks` in the words of `texts`.
"""
