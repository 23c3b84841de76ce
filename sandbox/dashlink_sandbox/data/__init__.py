"""What the sandbox cloud is made of, as data: accounts, regions and zones, endpoint services, quotas."""
