"""Calls every operation of the OpenAPI document with drawn input, and judges the answers by the document."""
