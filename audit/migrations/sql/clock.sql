-- The time that every row is written by: the database's own, moved by the demo's offset.

CREATE FUNCTION meshmarket_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT clock_timestamp() + coalesce((SELECT "offset" FROM audit_clock WHERE id = 1), interval '0') $$;
