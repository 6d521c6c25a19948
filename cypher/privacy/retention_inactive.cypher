// Customers all of whose touchpoints are kept for longer than the policy says
// Answers: their ids, without those who have no name already.
// Parameters:
//   $source  text or null: the source, e.g. 'shop'; null: every source that is not named
//   $named  list of text: sources that have a rule of their own, e.g. ['shop']
//   $before_us  integer: what is older is due (microseconds since 1970, UTC), e.g. 1767225600000000
//   $channels  list of text: only of these channels; empty: of all, e.g. []
//   $steps  list of text: only of these steps; empty: of all, e.g. []
:params {source: 'shop', named: ['shop'], before_us: 1767225600000000, channels: [], steps: []};
MATCH (c:Customer)
WHERE NOT c.customer_id STARTS WITH 'erased:' AND EXISTS { (c)-[:MADE]->() } AND NOT EXISTS {
  MATCH (c)-[:MADE]->(t)
  WHERE NOT (t.occurred_at_us < $before_us AND (t.source = $source OR ($source IS NULL AND NOT t.source IN $named))
  AND (size($channels) = 0 OR t.channel IN $channels) AND (size($steps) = 0 OR t.step IN $steps))
}
RETURN c.customer_id AS customer_id
ORDER BY customer_id
