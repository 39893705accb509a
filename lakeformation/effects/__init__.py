"""The effects of an approval: permissions, widenings, AWS calls and quotas."""
