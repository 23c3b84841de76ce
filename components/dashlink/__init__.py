"""Private access from a VPC to model services, as Pulumi components."""
