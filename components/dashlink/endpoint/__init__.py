"""Endpoints: PrivateLink access to a model service, the wait for its connection, and the name that clients dial."""
