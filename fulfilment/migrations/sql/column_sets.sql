-- Algebra of column sets as JSON: {"include": [...]} or {"except": [...]}. It mirrors `lakeformation` in
-- Python, for statements that sum up the columns of many permissions.

CREATE FUNCTION fulfilment_columns_not(a jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a ? 'include' THEN jsonb_build_object('except', a->'include')
              ELSE jsonb_build_object('include', a->'except') END
$$;
CREATE FUNCTION fulfilment_names_without(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT a - ARRAY(SELECT jsonb_array_elements_text(b))
$$;
CREATE FUNCTION fulfilment_columns_and(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN a ? 'include' AND b ? 'include' THEN jsonb_build_object('include', fulfilment_names_without(
           a->'include', fulfilment_names_without(a->'include', b->'include')))
    WHEN a ? 'include' THEN jsonb_build_object('include', fulfilment_names_without(a->'include', b->'except'))
    WHEN b ? 'include' THEN jsonb_build_object('include', fulfilment_names_without(b->'include', a->'except'))
    ELSE jsonb_build_object('except', (a->'except') || fulfilment_names_without(b->'except', a->'except'))
  END
$$;
CREATE FUNCTION fulfilment_columns_minus(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN a IS NULL OR b IS NULL THEN a
              WHEN a = b THEN '{"include": []}'::jsonb
              ELSE fulfilment_columns_and(a, fulfilment_columns_not(b)) END
$$;
CREATE FUNCTION fulfilment_columns_or(a jsonb, b jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF a = b THEN
    RETURN a;
  END IF;
  RETURN fulfilment_columns_not(fulfilment_columns_and(fulfilment_columns_not(a), fulfilment_columns_not(b)));
END $$;
CREATE AGGREGATE fulfilment_columns_union(jsonb) (
  SFUNC = fulfilment_columns_or, STYPE = jsonb, COMBINEFUNC = fulfilment_columns_or, PARALLEL = SAFE
);
