-- Of a request only what is named here may change: who took it over, and what the database maintains of that. A new
-- column is fixed without being named.

DROP TRIGGER request_never_changed ON requests_accessrequest;
CREATE TRIGGER request_never_changed BEFORE UPDATE ON requests_accessrequest FOR EACH ROW
  WHEN (to_jsonb(OLD) - '{taken_over_by_id,taken_over_ids,member_ids}'::text[]
    IS DISTINCT FROM
    to_jsonb(NEW) - '{taken_over_by_id,taken_over_ids,member_ids}'::text[])
  EXECUTE FUNCTION requests_refuse_change('the requester, recipient and end of a request are fixed');
