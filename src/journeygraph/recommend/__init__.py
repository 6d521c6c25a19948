"""What comes next, products or touchpoints, for a customer or a running session, and the path that explains each."""
