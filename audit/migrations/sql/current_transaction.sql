-- Whether an event was written by the current transaction, for guards that demand one beside the row they
-- check. A row that is visible while the transaction that wrote it is in progress was written by this one, or
-- in one of its savepoints, which have ids of their own. `xmin` has 32 bits; the epoch comes from the
-- transaction's own id.

CREATE FUNCTION audit_is_new(event bigint) RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT coalesce((SELECT pg_xact_status((
      ((pg_current_xact_id()::text::bigint >> 32) << 32) | e.xmin::text::bigint)::text::xid8) = 'in progress'
    FROM audit_event e WHERE e.id = event), false)
$$;
