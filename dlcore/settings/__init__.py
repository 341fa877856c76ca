"""What can be set: rules, links that say it, and the messages for what cannot be taken."""
