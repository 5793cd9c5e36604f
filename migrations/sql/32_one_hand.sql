-- The actors that are one hand where what they leave is counted: a client is one, with all of its
-- people and their keys, ended ones too; of the staff each person with their keys.
CREATE OR REPLACE FUNCTION one_hand(actor text) RETURNS SETOF text LANGUAGE sql STABLE AS $$
  WITH people AS (
    SELECT other.id FROM person one JOIN person other
        ON other.id = one.id OR other.client_id = one.client_id
     WHERE one.id = person_behind(actor)
  )
  SELECT actor
  UNION SELECT 'person:' || id FROM people
  UNION SELECT 'token:' || api_token.id FROM api_token JOIN people ON people.id = person_id
$$;
