"""Everything Tandem says to Slack passes here: a durable queue, and the sender.

`service` puts messages in, `sender` takes them out, `rules` decides what an answer of Slack means, `pace` keeps
within its rate limits, `limits` within its sizes.
"""
