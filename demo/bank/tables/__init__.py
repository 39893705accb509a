"""The bank's tables by line of business, column by column, with how each row's value is computed."""
