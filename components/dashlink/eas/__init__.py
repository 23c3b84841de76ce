"""Model services of PAI-EAS: settings, rules, service JSON, outputs, component."""
