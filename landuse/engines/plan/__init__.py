"""What larger runs would cost: measured costs of parts, and a simulated cluster."""
