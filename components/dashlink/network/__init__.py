"""The network: a VPC, vSwitches in two zones or more, a security group; made, or existing, or a mix."""
