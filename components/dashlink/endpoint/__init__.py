"""Endpoints: PrivateLink access to a model service, and the name that clients dial."""
