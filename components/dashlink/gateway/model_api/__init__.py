"""Model APIs: settings, routing decisions, rules, resource inputs and outputs."""
