"""What differs between the state of a stack and the cloud, by what Pulumi prints. Pure."""
