// Note that a person is about to be erased
// Answers: how many findings and segments were changed. Findings no longer show the person's journeys, lists of segments no
// longer name the customer, and the step graph is known to be out of date until it has been refreshed.
// Parameters:
//   $customer_id  text: the customer, e.g. 'customer-1'
//   $examples  list of text: ids of the person's journeys, sessions and touchpoints, e.g. ['j:t1']
//   $pseudonym  text or null: what takes the place of the customer in lists, e.g. null
:params {customer_id: 'customer-1', examples: ['j:t1'], pseudonym: null};
MERGE (rules:Configuration {name: 'journeys'})
SET rules.revision = coalesce(rules.revision, 0) + 1
WITH count(*) AS begun
CALL () {
  MATCH (f:Finding)
  WHERE any(example IN f.examples WHERE example IN $examples)
  SET f.examples = [example IN f.examples WHERE NOT example IN $examples]
  RETURN count(f) AS findings
}
CALL () {
  MATCH (s:Segment)
  WHERE $customer_id IN s.customer_ids
  SET s.customer_ids = [id IN s.customer_ids WHERE id <> $customer_id] +
                       CASE WHEN $pseudonym IS NULL THEN [] ELSE [$pseudonym] END
  RETURN count(s) AS segments
}
RETURN findings, segments
