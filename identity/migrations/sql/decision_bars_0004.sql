-- Guards that whoever took part in a recent change of roles takes no part in decisions that rest on it, whatever is
-- decided. Each table of decisions has a function `decision_bases` of its row, and the trigger `decision_unbarred`.

-- What a decision rests on. `decides_as` is the role by which it is made: owner, lead or account_admin of `team`, the name
-- of a role across the mesh, or named, for the person `named`. `parties` are the people for whom it is made, and
-- `party_teams` the teams through which. `rests_on` has ids by kind of change: domain, database, product, account.
-- `deed` is the column that holds the decider. Several rows of one deed are alternatives: one that is not barred is enough.

CREATE TYPE decision_basis AS (deed text, decider bigint, decides_as text, team bigint, named bigint,
  parties bigint[], party_teams bigint[], rests_on jsonb);

-- The row of `identity_rolechange` that bars a person from deciding on this basis, the one that bars longest; or null.
-- `party` are the decider, the parties, and whoever can sign in as one of these because they set the password.

CREATE FUNCTION decision_bar(person bigint, basis decision_basis) RETURNS bigint LANGUAGE sql STABLE AS $$
WITH RECURSIVE bars AS (
  SELECT c.* FROM identity_rolechange c WHERE c.bars_until > meshmarket_now()
), party (id) AS (
  SELECT unnest(array_append(basis.parties, person))
  UNION
  SELECT bars.proposed_by_id FROM bars JOIN party ON party.id = bars.person_id WHERE bars.kind = 'password'
)
SELECT bars.id FROM bars
 WHERE (bars.kind = 'password' AND bars.person_id = person)
    OR (bars.kind IN ('password', 'membership') AND bars.person_id = ANY (basis.parties)
        AND (bars.kind = 'password' OR bars.team_id = ANY (basis.party_teams))
        AND person IN (bars.proposed_by_id, bars.decided_by_id))
    OR ((bars.proposed_by_id IN (SELECT id FROM party) OR bars.decided_by_id IN (SELECT id FROM party)) AND (
       (bars.kind = 'membership' AND bars.person_id = person AND bars.team_id = basis.team)
    OR (bars.kind = 'platform_role' AND bars.person_id = person AND bars.role = basis.decides_as)
    OR (bars.kind = 'administration' AND bars.person_id = person
        AND (bars.wanted ? 'is_active' OR basis.decides_as = 'governance_admin'))
    OR (basis.rests_on -> bars.kind) @> to_jsonb(bars.row_id)))
 ORDER BY bars.bars_until DESC LIMIT 1
$$;

CREATE FUNCTION decision_is_held(person bigint, basis decision_basis) RETURNS boolean LANGUAGE sql STABLE AS $$
SELECT CASE basis.decides_as
  WHEN 'named' THEN basis.named = person
  WHEN 'owner' THEN EXISTS (SELECT FROM identity_membership m
    WHERE m.person_id = person AND m.team_id = basis.team AND m.role = 'data_owner')
  WHEN 'lead' THEN EXISTS (SELECT FROM identity_membership m
    WHERE m.person_id = person AND m.team_id = basis.team AND m.role = 'lead')
  WHEN 'account_admin' THEN EXISTS (SELECT FROM identity_membership m
    WHERE m.person_id = person AND m.team_id = basis.team AND m.role = 'account_admin')
  ELSE EXISTS (SELECT FROM identity_platformrole r WHERE r.person_id = person AND r.role = basis.decides_as) END
$$;

-- Of alternatives that the person holds, or of all where they hold none: null if one is not barred, else the bar that
-- ends first.

CREATE FUNCTION decision_find_bar(person bigint, bases decision_basis[]) RETURNS bigint LANGUAGE sql STABLE AS $$
WITH asked AS MATERIALIZED (
  SELECT decision_is_held(person, b) AS is_held, decision_bar(person, b) AS bar FROM unnest(bases) b
), counted AS (
  SELECT a.bar FROM asked a WHERE a.is_held OR NOT EXISTS (SELECT FROM asked WHERE is_held)
)
SELECT CASE WHEN EXISTS (SELECT FROM counted WHERE bar IS NULL) THEN NULL
  ELSE (SELECT c.bar FROM counted c JOIN identity_rolechange r ON r.id = c.bar ORDER BY r.bars_until LIMIT 1) END
$$;

CREATE FUNCTION decision_role_basis(deed text, decider bigint, decides_as text, parties bigint[])
RETURNS decision_basis LANGUAGE sql IMMUTABLE AS $$
SELECT ROW(deed, decider, decides_as, NULL, NULL, parties, '{}', '{}')::decision_basis
$$;

CREATE FUNCTION decision_demand_unbarred() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE made record;
BEGIN
  IF NOT EXISTS (SELECT FROM identity_rolechange WHERE bars_until > meshmarket_now()) THEN
    RETURN NULL;
  END IF;
  FOR made IN SELECT b.deed, b.decider, array_agg(b) AS bases FROM decision_bases(NEW) b
               WHERE b.decider IS NOT NULL GROUP BY b.deed, b.decider LOOP
    IF TG_OP = 'UPDATE' THEN
      CONTINUE WHEN EXISTS (
        SELECT FROM decision_bases(OLD) b WHERE b.deed = made.deed AND b.decider = made.decider);
    END IF;
    IF decision_find_bar(made.decider, made.bases) IS NOT NULL THEN
      RAISE EXCEPTION 'decision on % % rests on a change of roles that bars person %', TG_TABLE_NAME, NEW.id, made.decider
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'decision_unbarred';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;

-- Role changes themselves: confirmed by a governor.

CREATE FUNCTION decision_bases(asked identity_rolechange) RETURNS SETOF decision_basis LANGUAGE sql STABLE AS $$
SELECT decision_role_basis('decided_by', asked.decided_by_id, 'governance_admin', ARRAY[asked.proposed_by_id])
 WHERE asked.state IN ('waiting', 'confirmed')
$$;
CREATE TRIGGER decision_unbarred AFTER INSERT OR UPDATE ON identity_rolechange
  FOR EACH ROW EXECUTE FUNCTION decision_demand_unbarred();
