"""What a reading shows changed behind the portal: findings, unmanaged permissions, filters, widenings, holds."""
