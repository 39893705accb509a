"""The same verbs and loaders over HTTP and JSON. The only home of `rest_framework`."""
