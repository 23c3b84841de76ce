"""The sandbox cloud's data: accounts, regions and zones, endpoint services, quotas, routes."""
