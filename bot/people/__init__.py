"""Who works here: team, roles, time zone, hours, absence, backup."""
