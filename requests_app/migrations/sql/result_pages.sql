-- Results and credentials of the data API are short-lived: they are in no log of the server, and in no backup made from it.

ALTER TABLE requests_resultpage SET UNLOGGED;
ALTER TABLE requests_credentialsecret SET UNLOGGED;
