-- The row that says up to which seal notices were made.

INSERT INTO requests_toldupto (id, seq) VALUES (1, 0);
