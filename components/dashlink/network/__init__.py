"""The network: a VPC, vSwitches in two zones or more and a security group, new or existing."""
