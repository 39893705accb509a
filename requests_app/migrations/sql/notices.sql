-- The row that says up to which seal notifications were made.

INSERT INTO requests_projectionposition (id, seq) VALUES (1, 0);
